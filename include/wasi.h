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

// What a guest is given: arguments, environment, streams and directories.
typedef struct wasi_config_t wasi_config_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Frees a configuration; NULL is ignored.
WASI_API_EXTERN void wasi_config_delete(wasi_config_t *config);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif // TENON_WASI_H
