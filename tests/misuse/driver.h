// Runs one row after the other, each in a process of its own, and says what came of it.

#include <sys/mman.h>

enum mode {
  ALONE,    // one argument is wrong, or none
  ALL_NULL, // every pointer is NULL
  BUSY,     // another thread runs a guest in the store
  INSIDE,   // a host function that was called by a guest of the store makes the call
};

typedef struct {
  const char *function, *what;
  void (*prepare)(void), (*call)(void);
  int argument; // the wrong one, or -1
  enum how how;
  enum mode mode;
  bool is_plain, wants_caller, wants_exec;
} row_t;

// What parent and child share.
typedef struct {
  char outcome[64], more[400];
} report_t;

static report_t *report;
static const row_t *row;

static enum how how_of(int argument, bool is_pointer) {
  if (row->mode == ALL_NULL)
    return is_pointer ? NIL : GOOD;
  return argument == row->argument ? row->how : GOOD;
}

static uint64_t number(enum how how, uint64_t good, int bits) {
  if (how == K7F || how == KFF)
    return how == K7F ? 0x7f : 0xff;
  if (how == LITTLE)
    return 0;
  return how == HUGE_ ? UINT64_MAX : how == HALF ? (uint64_t)1 << (bits - 1) : good;
}

static void say(const char *outcome) { snprintf(report->outcome, sizeof report->outcome, "%s", outcome); }

static void add(const char *outcome) {
  size_t used = strlen(report->outcome);
  snprintf(report->outcome + used, sizeof report->outcome - used, ", %s", outcome);
}

static void say_error(wasmtime_error_t *error) {
  wasm_byte_vec_t text;
  if (!error)
    return say("done");
  say("error");
  wasmtime_error_message(error, &text);
  snprintf(report->more, sizeof report->more, "%.*s", (int)text.size, text.data);
  wasm_byte_vec_delete(&text);
  wasmtime_error_delete(error);
}

static void say_trap(wasm_trap_t *trap) {
  wasm_byte_vec_t text;
  if (!trap)
    return say("done");
  say("trap");
  wasm_trap_message(trap, &text);
  snprintf(report->more, sizeof report->more, "%s", text.data);
  wasm_byte_vec_delete(&text);
  wasm_trap_delete(trap);
}

static void say_pointer(const void *it) { say(it ? "object" : "null"); }
static void say_bool(bool it) { say(it ? "true" : "false"); }
static void say_number(uint64_t it) { say(it ? "number" : "zero"); }
static void say_nothing(void) { say("nothing"); }

// Places to be written to; what nobody writes keeps its pattern.
#define UNTOUCHED 0xa5
typedef struct {
  _Alignas(16) unsigned char bytes[512];
} place_t;
static place_t places[16];
static int used_places;
static wasm_trap_t *trap_out;
static wasmtime_error_t *error_out;
static tenon_step_t step_out;
static bool wants_step;

static void *out_place(enum how how) {
  length = 1;
  if (how == NIL)
    return NULL;
  memset(&places[used_places], UNTOUCHED, sizeof(place_t));
  return places[used_places++].bytes;
}

static wasm_trap_t **out_trap(enum how how) { return how == NIL ? NULL : &trap_out; }
static wasmtime_error_t **out_error(enum how how) { return how == NIL ? NULL : &error_out; }

static tenon_step_t *out_step(enum how how) {
  wants_step = how != NIL;
  return how == NIL ? NULL : &step_out;
}

static void say_future(wasmtime_call_future_t *future) {
  say_pointer(future);
  for (int i = 0; i < 8 && !wasmtime_call_future_poll(future); i++)
    ;
  wasmtime_call_future_delete(future);
}

static void look_at_places(void) {
  bool written = false;
  for (int i = 0; i < used_places; i++)
    for (size_t j = 0; j < sizeof(place_t); j++)
      written |= places[i].bytes[j] != UNTOUCHED;
  if (wants_step) {
    static const char *const kinds[] = {"done", "host call", "trap", "error"};
    say(step_out.kind < 4 ? kinds[step_out.kind] : "an unknown step");
    if (step_out.error)
      say_error(step_out.error);
  }
  if (error_out)
    say_error(error_out);
  if (trap_out)
    say_trap(trap_out);
  if (written)
    add("written");
}

// Settings are only as good as the engine that is made of them.
static void try_settings(wasm_config_t *config) {
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_module_t *module = NULL;
  if (!engine)
    return add("no engine");
  wasmtime_error_t *error = wasmtime_module_new(engine, (const uint8_t *)binary.data, binary.size, &module);
  if (error)
    return wasmtime_error_delete(error), add("engine refuses module");
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_error_delete(wasmtime_context_set_fuel(context, PLENTY));
  wasmtime_context_set_epoch_deadline(context, PLENTY);
  wasm_functype_t *type = host_type();
  wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC}, sum;
  wasmtime_func_new(context, type, host, NULL, NULL, &import.of.func);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  error = wasmtime_instance_new(context, module, &import, 1, &instance, &trap);
  if (error || trap)
    return wasmtime_error_delete(error), add("engine refuses instance");
  CHECK(wasmtime_instance_export_get(context, &instance, "add", 3, &sum));
  wasmtime_val_t args[2] = {{.kind = WASMTIME_I32, .of.i32 = 1}, {.kind = WASMTIME_I32, .of.i32 = 2}}, result;
  error = wasmtime_func_call(context, &sum.of.func, args, 2, &result, 1, &trap);
  bool works = !error && !trap && result.of.i32 == 3;
  wasmtime_call_future_t *future =
      wasmtime_func_call_async(context, &sum.of.func, args, 2, &result, 1, &trap, &error);
  while (!wasmtime_call_future_poll(future))
    ;
  wasmtime_call_future_delete(future);
  add(!works ? "engine refuses call" : error ? "engine refuses async call" : "engine works");
  wasmtime_error_delete(error);
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
}

static wasm_config_t *tried_config;
static wasmtime_pooling_allocation_config_t *tried_pool;

static void try_what_was_set(void) {
  if (tried_pool) {
    tried_config = settings(false);
    wasmtime_pooling_allocation_strategy_set(tried_config, tried_pool);
  }
  if (tried_config)
    try_settings(tried_config);
}

static void run_call(void) {
  row->prepare();
  row->call();
}

static void run_call_inside(wasmtime_caller_t *caller) {
  inside = NULL;
  calling = caller;
  run_call();
}

static void enter_guest(void) {
  if (row->is_plain) {
    wasm_val_t args[1] = {WASM_I32_VAL(1)}, results[1] = {WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(args), out = WASM_ARRAY_VEC(results);
    CHECK(!wasm_func_call(plain_here.enter, &in, &out));
  } else if (running_exec) {
    wasmtime_val_raw_t slot = {.i32 = 1};
    tenon_step_t step;
    tenon_exec_call(running_exec, &here.enter, &slot, 1, &step);
    CHECK(step.kind == TENON_STEP_DONE);
  } else {
    wasmtime_val_t arg = {.kind = WASMTIME_I32}, result;
    wasm_trap_t *trap = NULL;
    CHECK(!wasmtime_func_call(here.context, &here.enter, &arg, 1, &result, 1, &trap) && !trap);
  }
}

static pthread_barrier_t entered, finished;

static void wait_inside(wasmtime_caller_t *caller) {
  (void)caller;
  inside = NULL;
  pthread_barrier_wait(&entered);
  pthread_barrier_wait(&finished);
}

static void *other_thread(void *unused) {
  enter_guest();
  return unused;
}

static void run_row(void) {
  pthread_t thread;
  running = row->mode == BUSY || row->mode == INSIDE;
  if (running && row->wants_exec)
    CHECK(!tenon_exec_new(here.context, &running_exec));
  if (row->mode == INSIDE || row->wants_caller) {
    inside = run_call_inside;
    enter_guest();
  } else if (row->mode == BUSY) {
    row->prepare();
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&finished, NULL, 2);
    inside = wait_inside;
    CHECK(!pthread_create(&thread, NULL, other_thread, NULL));
    pthread_barrier_wait(&entered);
    row->call();
    pthread_barrier_wait(&finished);
    pthread_join(thread, NULL);
  } else {
    run_call();
  }
  running = false;
  look_at_places();
  try_what_was_set();
  if (!healthy())
    say("broken");
}

// What the child printed, if that is the text of a panic.
static bool panicked(int errors) {
  char text[4000];
  ssize_t size = pread(errors, text, sizeof text - 1, 0);
  text[size > 0 ? size : 0] = 0;
  bool found = strstr(text, "panicked") != NULL;
  if (found || strstr(text, ".h:") || strstr(text, ".c:"))
    snprintf(report->more, sizeof report->more, "%.399s", text);
  return found;
}

static void judge(int status, int errors) {
  char text[64];
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    snprintf(text, sizeof text, "hangs");
  else if (WIFSIGNALED(status))
    snprintf(text, sizeof text, "crash %d", WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0)
    snprintf(text, sizeof text, "exit %d", WEXITSTATUS(status));
  else
    text[0] = 0;
  if (text[0])
    say(text);
  if (panicked(errors))
    add("panic");
  for (char *c = report->more; *c; c++)
    *c = *c == '\n' || *c == '\t' ? ' ' : *c;
}

static int drive(const row_t *rows, size_t count) {
  int errors = memfd_create("errors", 0);
  report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(errors >= 0 && report != MAP_FAILED);
  set_up();
  for (row = rows; row < rows + count; row++) {
    int status;
    memset(report, 0, sizeof *report);
    CHECK(!ftruncate(errors, 0) && lseek(errors, 0, SEEK_SET) == 0);
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      alarm(20);
      dup2(errors, STDERR_FILENO);
      run_row();
      _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    judge(status, errors);
    printf("%s\t%s\t%s\t%s\n", row->function, row->what, report->outcome, report->more);
  }
  return 0;
}
