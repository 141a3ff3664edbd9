/* Installs handlers for the signals that the library uses, then runs guests that trap by each of them, and
 * faults itself in between: its own handlers must see its own faults and none of the guest's. With the argument
 * "unhandled" it installs nothing and faults, which must end it. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <wasm.h>
#include <wasmtime.h>

static sigjmp_buf back;
static volatile sig_atomic_t seen[65];

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)info;
  (void)context;
  seen[signal]++;
  siglongjmp(back, 1);
}

static void fail(const char *what) {
  printf("failed: %s\n", what);
  fflush(stdout);
  _Exit(1);
}

static void check(wasmtime_error_t *error) {
  if (error) {
    wasm_byte_vec_t text;
    wasmtime_error_message(error, &text);
    printf("%.*s\n", (int)text.size, text.data);
    fail("error");
  }
}

static const char WAT[] = "(module (memory 1)"
                          " (func (export \"0\") (drop (i32.load (i32.const -4))))"
                          " (func (export \"1\") unreachable)"
                          " (func (export \"2\") (param) (drop (i32.div_u (i32.const 1) (i32.const 0))))"
                          " (func $r (export \"3\") (call $r)))";

struct guest {
  wasm_engine_t *engine;
  wasmtime_store_t *store;
  wasmtime_instance_t instance;
};

static void open_guest(struct guest *g) {
  g->engine = wasm_engine_new();
  g->store = wasmtime_store_new(g->engine, NULL, NULL);
  wasm_byte_vec_t bytes;
  check(wasmtime_wat2wasm(WAT, strlen(WAT), &bytes));
  wasmtime_module_t *module = NULL;
  check(wasmtime_module_new(g->engine, (const uint8_t *)bytes.data, bytes.size, &module));
  wasm_trap_t *trap = NULL;
  check(wasmtime_instance_new(wasmtime_store_context(g->store), module, NULL, 0, &g->instance, &trap));
  if (trap) {
    fail("trap at instantiation");
  }
  wasmtime_module_delete(module);
  wasm_byte_vec_delete(&bytes);
}

/* Every export must trap. */
static int run_traps(struct guest *g) {
  static const wasmtime_trap_code_t expected[] = {
      WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS, WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED,
      WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO, WASMTIME_TRAP_CODE_STACK_OVERFLOW};
  wasmtime_context_t *context = wasmtime_store_context(g->store);
  for (int i = 0; i < 4; i++) {
    char name[2] = {(char)('0' + i), 0};
    wasmtime_extern_t item;
    if (!wasmtime_instance_export_get(context, &g->instance, name, 1, &item)) {
      fail("export");
    }
    wasm_trap_t *trap = NULL;
    check(wasmtime_func_call(context, &item.of.func, NULL, 0, NULL, 0, &trap));
    wasmtime_trap_code_t code = 255;
    if (!trap || !wasmtime_trap_code(trap, &code) || code != expected[i]) {
      printf("export %d: code %d\n", i, (int)code);
      fail("trap code");
    }
    wasm_trap_delete(trap);
  }
  return 4;
}

static void touch(volatile int *p) { *p = 1; }

/* Faults in the host's own code, by the means of each signal. */
static void fault(int signal, char *file_page) {
  volatile int zero = 0, seven = 7;
  switch (signal) {
  case SIGSEGV:
    touch((volatile int *)(uintptr_t)64);
    break;
  case SIGBUS:
    touch((volatile int *)file_page);
    break;
  case SIGILL:
    __builtin_trap();
    break;
  case SIGFPE:
    zero = seven / zero;
    break;
  }
  fail("the fault had no consequence");
}

int main(int argc, char **argv) {
  (void)argv;
  struct guest g;
  if (argc > 1) {
    open_guest(&g);
    run_traps(&g);
    fault(SIGSEGV, NULL);
  }
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  for (int i = 0; i < 4; i++) {
    sigaction(signals[i], &action, NULL);
  }
  /* A page of an empty file: touching it is SIGBUS. */
  FILE *empty = tmpfile();
  char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(empty), 0);

  open_guest(&g);
  int traps = 0;
  for (int round = 1; round <= 25; round++) {
    for (int i = 0; i < 4; i++) {
      traps += run_traps(&g);
      if (sigsetjmp(back, 1) == 0) {
        fault(signals[i], page);
      }
      if (seen[signals[i]] != round) {
        fail("own handler not reached");
      }
    }
  }
  wasmtime_store_delete(g.store);
  wasm_engine_delete(g.engine);
  printf("all 4 signals reached, %d traps caught\n", traps);
  return 0;
}
