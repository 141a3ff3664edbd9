/* Runs a WASI command program from C:
 *
 *   host [--dir host::guest]... [--env K=V]... [--stdin file] [--stdout file] [--stats] file.wasm [args...]
 *
 * Ends with the guest's exit status; 124 stands for a trap, 125 for an error of the host. With --stats it writes
 * one line to stderr, runs the guest a second time from the serialised image and tells what that cost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wasm.h>
#include <wasi.h>
#include <wasmtime.h>

enum { MAX_LIST = 32, STATUS_TRAP = 124, STATUS_HOST = 125 };

struct options {
  const char *dir_host[MAX_LIST], *dir_guest[MAX_LIST];
  const char *env_name[MAX_LIST], *env_value[MAX_LIST];
  size_t dirs, envs;
  const char *stdin_path, *stdout_path;
  bool stats;
  const char *module_path;
  int argc;
  const char **argv; /* argv[0] is the module's file name */
};

/* What one run cost. */
struct costs {
  double make_ms, instantiate_us, run_ms;
};

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what, const char *why) {
  fprintf(stderr, "host: %s: %s\n", what, why);
  exit(STATUS_HOST);
}

static void check(const char *what, wasmtime_error_t *error) {
  if (error) {
    wasm_byte_vec_t text;
    wasmtime_error_message(error, &text);
    fprintf(stderr, "host: %s: %.*s\n", what, (int)text.size, text.data);
    wasm_byte_vec_delete(&text);
    wasmtime_error_delete(error);
    exit(STATUS_HOST);
  }
}

/* Splits `text` in place at `separator`; ends the program if there is none. */
static const char *split(char *text, const char *separator) {
  char *at = strstr(text, separator);
  if (!at) {
    die(text, "separator missing");
  }
  *at = '\0';
  return at + strlen(separator);
}

static void add_pair(char *text, const char *separator, const char **left, const char **right, size_t *count) {
  if (*count == MAX_LIST) {
    die(text, "too many of these options");
  }
  right[*count] = split(text, separator);
  left[*count] = text;
  ++*count;
}

static void parse_options(int argc, char **argv, struct options *o) {
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    char *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(argv[i], "--stats") == 0) {
      o->stats = true;
      continue;
    }
    if (!value) {
      die(argv[i], "value missing");
    }
    if (strcmp(argv[i], "--dir") == 0) {
      add_pair(value, "::", o->dir_host, o->dir_guest, &o->dirs);
    } else if (strcmp(argv[i], "--env") == 0) {
      add_pair(value, "=", o->env_name, o->env_value, &o->envs);
    } else if (strcmp(argv[i], "--stdin") == 0) {
      o->stdin_path = value;
    } else if (strcmp(argv[i], "--stdout") == 0) {
      o->stdout_path = value;
    } else {
      die(argv[i], "unknown option");
    }
    i++;
  }
  if (i == argc) {
    die("usage", "host [--dir host::guest] [--env K=V] [--stdin file] [--stdout file] [--stats] file.wasm [args...]");
  }
  const char *slash = strrchr(argv[i], '/');
  o->module_path = argv[i];
  o->argc = argc - i;
  o->argv = (const char **)argv + i;
  o->argv[0] = slash ? slash + 1 : argv[i];
}

static wasm_byte_vec_t read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    die(path, "cannot open");
  }
  long size = ftell(file);
  rewind(file);
  wasm_byte_vec_t bytes;
  wasm_byte_vec_new_uninitialized(&bytes, (size_t)size);
  if (fread(bytes.data, 1, bytes.size, file) != bytes.size) {
    die(path, "cannot read");
  }
  fclose(file);
  return bytes;
}

static wasi_config_t *wasi_of(const struct options *o) {
  wasi_config_t *wasi = wasi_config_new();
  bool ok = wasi_config_set_argv(wasi, (size_t)o->argc, o->argv) &&
            wasi_config_set_env(wasi, o->envs, (const char **)o->env_name, (const char **)o->env_value);
  if (!ok) {
    die("arguments", "not UTF-8");
  }
  for (size_t i = 0; i < o->dirs; i++) {
    if (!wasi_config_preopen_dir(wasi, o->dir_host[i], o->dir_guest[i], true)) {
      die(o->dir_host[i], "cannot open this directory");
    }
  }
  if (!o->stdin_path) {
    wasi_config_inherit_stdin(wasi);
  } else if (!wasi_config_set_stdin_file(wasi, o->stdin_path)) {
    die(o->stdin_path, "cannot open");
  }
  if (!o->stdout_path) {
    wasi_config_inherit_stdout(wasi);
  } else if (!wasi_config_set_stdout_file(wasi, o->stdout_path)) {
    die(o->stdout_path, "cannot create");
  }
  wasi_config_inherit_stderr(wasi);
  return wasi;
}

/* The guest's exit status from what its `_start` ended with. */
static int status_of(wasmtime_error_t *error, wasm_trap_t *trap) {
  int status = 0;
  if (error && !wasmtime_error_exit_status(error, &status)) {
    check("run", error);
  }
  if (error) {
    wasmtime_error_delete(error);
  }
  if (trap) {
    wasm_message_t text;
    wasm_trap_message(trap, &text);
    fprintf(stderr, "host: %.*s\n", (int)text.size, text.data);
    wasm_byte_vec_delete(&text);
    wasm_trap_delete(trap);
    status = STATUS_TRAP;
  }
  return status;
}

/* One run in a fresh store, which takes what it cost into `costs`. */
static int run(wasm_engine_t *engine, wasmtime_module_t *module, const struct options *o, struct costs *costs) {
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  check("wasi", wasmtime_context_set_wasi(context, wasi_of(o)));
  wasmtime_linker_t *linker = wasmtime_linker_new(engine);
  check("wasi functions", wasmtime_linker_define_wasi(linker));

  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  double t0 = now_ms();
  wasmtime_error_t *error = wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
  double t1 = now_ms();
  costs->instantiate_us = (t1 - t0) * 1e3;
  int status = status_of(error, trap);
  if (!error && !trap) {
    wasmtime_extern_t start;
    if (!wasmtime_instance_export_get(context, &instance, "_start", 6, &start) ||
        start.kind != WASMTIME_EXTERN_FUNC) {
      die(o->module_path, "no function _start is exported");
    }
    error = wasmtime_func_call(context, &start.of.func, NULL, 0, NULL, 0, &trap);
    costs->run_ms = now_ms() - t1;
    status = status_of(error, trap);
  }
  wasmtime_linker_delete(linker);
  wasmtime_store_delete(store);
  return status;
}

/* Runs once more from the image of the module, on an engine of its own. */
static void second_run(wasmtime_module_t *module, const struct options *o, size_t *image_bytes, struct costs *costs) {
  wasm_byte_vec_t image;
  check("serialize", wasmtime_module_serialize(module, &image));
  *image_bytes = image.size;
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *loaded = NULL;
  double t = now_ms();
  check("deserialize",
        wasmtime_module_deserialize(engine, (const uint8_t *)image.data, image.size, &loaded));
  costs->make_ms = now_ms() - t;
  wasm_byte_vec_delete(&image);
  run(engine, loaded, o, costs);
  wasmtime_module_delete(loaded);
  wasm_engine_delete(engine);
}

int main(int argc, char **argv) {
  struct options o = {0};
  parse_options(argc, argv, &o);
  wasm_byte_vec_t bytes = read_file(o.module_path);
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *module = NULL;
  struct costs first = {0}, second = {0};
  double t = now_ms();
  check("compile", wasmtime_module_new(engine, (const uint8_t *)bytes.data, bytes.size, &module));
  first.make_ms = now_ms() - t;

  int status = run(engine, module, &o, &first);
  fflush(stdout);
  if (o.stats) {
    size_t image_bytes = 0;
    second_run(module, &o, &image_bytes, &second);
    fprintf(stderr,
            "stats module_bytes=%zu compile_ms=%.2f instantiate_us=%.1f run_ms=%.2f "
            "image_bytes=%zu load_ms=%.2f second_instantiate_us=%.1f second_run_ms=%.2f\n",
            bytes.size, first.make_ms, first.instantiate_us, first.run_ms, image_bytes, second.make_ms,
            second.instantiate_us, second.run_ms);
  }
  wasm_byte_vec_delete(&bytes);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return status;
}
