// Settings that need something of the machine: each is honoured or refused. The first argument is a folder to use.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>

#define CHECK(it) \
  do { \
    if (!(it)) \
      printf("line %d: %s\n", __LINE__, #it), failures++; \
  } while (0)

static int failures;

static bool refused_with(wasmtime_error_t *error, const char *text) {
  wasm_byte_vec_t message;
  if (error == NULL)
    return text == NULL;
  wasmtime_error_message(error, &message);
  bool found = text != NULL && strlen(text) <= message.size;
  for (size_t at = 0; found && memcmp(message.data + at, text, strlen(text)) != 0; at++)
    found = at + strlen(text) < message.size;
  if (!found)
    printf("got `%.*s`\n", (int)message.size, message.data);
  wasm_byte_vec_delete(&message);
  wasmtime_error_delete(error);
  return found;
}

/// Whether an engine can be made of the settings, and compiles.
static bool works(wasm_config_t *config) {
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasm_byte_vec_t wasm;
  wasmtime_module_t *module = NULL;
  if (engine == NULL)
    return false;
  CHECK(refused_with(wasmtime_wat2wasm("(module (func))", 15, &wasm), NULL));
  CHECK(refused_with(wasmtime_module_new(engine, (uint8_t *)wasm.data, wasm.size, &module), NULL));
  wasm_byte_vec_delete(&wasm);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
  return true;
}

static wasm_config_t *with_flag(const char *key, const char *value) {
  wasm_config_t *config = wasm_config_new();
  if (value == NULL)
    wasmtime_config_cranelift_flag_enable(config, key);
  else
    wasmtime_config_cranelift_flag_set(config, key, value);
  return config;
}

static void cache(const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/cache.toml", folder);
  FILE *file = fopen(path, "w");
  CHECK(file != NULL);
  fprintf(file, "[cache]\ndirectory = \"%s/cache\"\n", folder);
  fclose(file);
  for (int i = 0; i < 2; i++) {
    wasm_config_t *config = wasm_config_new();
    CHECK(refused_with(wasmtime_config_cache_config_load(config, path), NULL));
    CHECK(works(config));
  }
  setenv("XDG_CACHE_HOME", folder, 1);
  setenv("XDG_CONFIG_HOME", folder, 1);
  wasm_config_t *config = wasm_config_new();
  CHECK(refused_with(wasmtime_config_cache_config_load(config, NULL), NULL));
  CHECK(refused_with(wasmtime_config_cache_config_load(config, "/nonexistent/x"), "failed to read config file: /nonexistent/x"));
  CHECK(refused_with(wasmtime_config_cache_config_load(NULL, path), "config"));
  CHECK(works(config));
}

static void target(void) {
  wasm_config_t *config = wasm_config_new();
  CHECK(refused_with(wasmtime_config_target_set(config, "x86_64-unknown-linux-gnu"), NULL));
  CHECK(refused_with(wasmtime_config_target_set(config, "not-a-real-target"), "not-a-real-target"));
  CHECK(refused_with(wasmtime_config_target_set(config, "aarch64-unknown-linux-gnu"), "aarch64"));
  CHECK(refused_with(wasmtime_config_target_set(config, "x86_64-pc-windows-msvc"), "windows"));
  CHECK(works(config));
}

static void flags(void) {
  CHECK(works(with_flag("opt_level", "none")));
  CHECK(works(with_flag("enable_alias_analysis", "false")));
  CHECK(works(with_flag("has_sse41", NULL)));
  CHECK(!works(with_flag("opt_level", "warp")));
  CHECK(!works(with_flag("no_such_flag", NULL)));
  CHECK(!works(with_flag("no_such_flag", "1")));
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  cache(argv[1]);
  target();
  flags();
  return failures != 0;
}
