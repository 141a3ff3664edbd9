/* Part of Tenon, a WebAssembly runtime. Licensed under the Apache License, Version 2.0. */

#ifndef TENON_WASI_H
#define TENON_WASI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm.h>

#ifndef WASI_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASI_API_EXTERN __declspec(dllimport)
#else
#define WASI_API_EXTERN
#endif
#endif

// Declare a type of this interface with the function that frees it, for implementations of it.
#define WASI_DECLARE_OWN(name) \
  typedef struct wasi_##name##_t wasi_##name##_t; \
  WASI_API_EXTERN void wasi_##name##_delete(wasi_##name##_t *);

// Permissions as a word; kept for programs written when wasi_config_preopen_dir took one.
typedef size_t wasi_file_perms;

// What a guest is given: arguments, environment, streams and directories. By default nothing.
typedef struct wasi_config_t wasi_config_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A configuration that gives nothing, owned by the caller.
WASI_API_EXTERN wasi_config_t *wasi_config_new(void);

// Frees a configuration; NULL is ignored.
WASI_API_EXTERN void wasi_config_delete(wasi_config_t *config);

// Sets the arguments, the program's name first; false if one is no UTF-8.
WASI_API_EXTERN bool wasi_config_set_argv(wasi_config_t *config, size_t argc, const char **argv);

// Gives the guest this process's arguments.
WASI_API_EXTERN void wasi_config_inherit_argv(wasi_config_t *config);

// Sets the environment; false if a name or a value is no UTF-8.
WASI_API_EXTERN bool wasi_config_set_env(wasi_config_t *config, size_t envc, const char **names,
    const char **values);

// Gives the guest this process's environment.
WASI_API_EXTERN void wasi_config_inherit_env(wasi_config_t *config);

// Lets the guest read from a file, which must exist.
WASI_API_EXTERN bool wasi_config_set_stdin_file(wasi_config_t *config, const char *path);

// Lets the guest read these bytes, which move into the configuration.
WASI_API_EXTERN void wasi_config_set_stdin_bytes(wasi_config_t *config, wasm_byte_vec_t *binary);

// Gives the guest this process's standard input.
WASI_API_EXTERN void wasi_config_inherit_stdin(wasi_config_t *config);

// Lets the guest write to a file, which is created or emptied.
WASI_API_EXTERN bool wasi_config_set_stdout_file(wasi_config_t *config, const char *path);

// Gives the guest this process's standard output.
WASI_API_EXTERN void wasi_config_inherit_stdout(wasi_config_t *config);

// Hands what the guest writes to `callback`, which returns how many bytes it took or minus an OS error.
// `finalizer`, if given, is called with `data` when the output is replaced or its owner is gone.
// `finalizer` may be NULL.
WASI_API_EXTERN void wasi_config_set_stdout_custom(wasi_config_t *config, ptrdiff_t (*callback)(void*,
    const uint8_t*, size_t), void *data, void (*finalizer)(void *));

// Lets the guest write errors to a file, which is created or emptied.
WASI_API_EXTERN bool wasi_config_set_stderr_file(wasi_config_t *config, const char *path);

// Gives the guest this process's standard error output.
WASI_API_EXTERN void wasi_config_inherit_stderr(wasi_config_t *config);

// Hands the errors that the guest writes to `callback`; otherwise as `wasi_config_set_stdout_custom`.
// `finalizer` may be NULL.
WASI_API_EXTERN void wasi_config_set_stderr_custom(wasi_config_t *config, ptrdiff_t (*callback)(void*,
    const uint8_t*, size_t), void *data, void (*finalizer)(void *));

// Gives the guest a directory under the name `guest_path`, to change as well if `fs_mutable`; false if it cannot
// be opened, which is done at once.
WASI_API_EXTERN bool wasi_config_preopen_dir(wasi_config_t *config, const char *host_path,
    const char *guest_path, bool fs_mutable);

// Lets the guest use the network: preview 1 has no way to open a connection, so this changes nothing.
WASI_API_EXTERN void wasi_config_inherit_network(wasi_config_t *config);

// Lets the guest look up names in the network: preview 1 has no way to, so this changes nothing.
WASI_API_EXTERN void wasi_config_allow_ip_name_lookup(wasi_config_t *config, bool enable);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASI_H
