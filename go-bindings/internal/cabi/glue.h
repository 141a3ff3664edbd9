/* What the Go side needs beside the public headers: records that live in C memory and stay put while a
 * guest is suspended, and helpers that turn several library calls into one crossing. */
#ifndef TENON_GO_GLUE_H
#define TENON_GO_GLUE_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wasm.h>
#include <wasi.h>
#include <wasmtime.h>
#include <tenon.h>

/* One thread of guest execution. The library keeps the addresses of func, slots, instance and step between a
 * yield and the resume that answers it, which is why they are here and not in Go memory. */
typedef struct tenon_go_exec {
  tenon_exec_t *exec;
  wasmtime_val_raw_t *slots;
  size_t capacity;
  size_t num_slots;
  wasm_trap_t *answer; /* to a host call; NULL: results are in its slots */
  wasmtime_func_t func;
  wasmtime_instance_t instance;
  tenon_step_t step;
  tenon_interrupt_t *interrupt; /* made when first wanted */
  uintptr_t server;             /* Go's: the goroutine that serves host calls */
} tenon_go_exec_t;

/* Slots that an execution has from the start. */
#define TENON_GO_SLOTS 16

static inline void tenon_go_exec_delete(tenon_go_exec_t *e) {
  if (e == NULL) return;
  tenon_interrupt_delete(e->interrupt);
  tenon_exec_delete(e->exec);
  free(e->slots);
  free(e);
}

/* The error and *out are owned; without memory both are NULL. */
static inline wasmtime_error_t *tenon_go_exec_new(wasmtime_context_t *ctx, tenon_go_exec_t **out) {
  tenon_go_exec_t *e = (tenon_go_exec_t *)calloc(1, sizeof *e);
  *out = NULL;
  if (e == NULL) return NULL;
  e->capacity = TENON_GO_SLOTS;
  e->slots = (wasmtime_val_raw_t *)malloc(TENON_GO_SLOTS * sizeof *e->slots);
  wasmtime_error_t *error = e->slots == NULL ? NULL : tenon_exec_new(ctx, &e->exec);
  if (e->exec == NULL)
    tenon_go_exec_delete(e);
  else
    *out = e;
  return error;
}

static inline void tenon_go_empty(uintptr_t unused) { (void)unused; }

/* These two take what they need from the record and leave what comes of it there: a result would cost the crossing two
 * looks at where Go's stack is. */
static inline void tenon_go_call(uintptr_t record) {
  tenon_go_exec_t *e = (tenon_go_exec_t *)record;
  tenon_exec_call(e->exec, &e->func, e->slots, e->num_slots, &e->step);
}

/* tenon_go_call for who calls without cgo. */
static inline int tenon_go_call_brief(void *record) {
  tenon_go_call((uintptr_t)record);
  return 0;
}

static inline uintptr_t tenon_go_brief_caller(void) { return (uintptr_t)tenon_go_call_brief; }

static inline void tenon_go_resume(uintptr_t record) {
  tenon_go_exec_t *e = (tenon_go_exec_t *)record;
  tenon_exec_resume(e->exec, e->answer, &e->step);
}

/* Externrefs carry the address of a node; when the library drops the last reference, the finalizer pushes the
 * node on the store's queue, which Go empties later. So no C code ever calls into Go. */
typedef struct tenon_go_node tenon_go_node_t;
typedef struct tenon_go_queue {
  tenon_go_node_t *head;
} tenon_go_queue_t;
struct tenon_go_node {
  tenon_go_node_t *next;
  tenon_go_queue_t *queue;
  uint64_t handle;
};

static inline void tenon_go_dropped(void *data) {
  tenon_go_node_t *node = (tenon_go_node_t *)data;
  tenon_go_node_t *head = __atomic_load_n(&node->queue->head, __ATOMIC_RELAXED);
  do {
    node->next = head;
  } while (!__atomic_compare_exchange_n(&node->queue->head, &head, node, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

/* Takes up to cap nodes off the queue and copies their handles out. There is one consumer, the goroutine that
 * holds the store, so no node can be freed and pushed again between the load and the exchange. */
static inline size_t tenon_go_drain(tenon_go_queue_t *queue, uint64_t *handles, size_t cap) {
  size_t n = 0;
  while (n < cap) {
    tenon_go_node_t *node = __atomic_load_n(&queue->head, __ATOMIC_ACQUIRE);
    if (node == NULL) break;
    if (!__atomic_compare_exchange_n(&queue->head, &node, node->next, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) continue;
    handles[n++] = node->handle;
    free(node);
  }
  return n;
}

/* A store with what Go wants of every store, made and freed in one crossing each. */
typedef struct tenon_go_store {
  wasmtime_store_t *store;
  wasmtime_context_t *ctx;
  tenon_go_exec_t *exec; /* the first one; NULL if it could not be made */
  tenon_go_queue_t queue;
} tenon_go_store_t;

static inline tenon_go_store_t *tenon_go_store_new(const wasm_engine_t *engine) {
  tenon_go_store_t *s = (tenon_go_store_t *)calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->store = wasmtime_store_new((wasm_engine_t *)engine, NULL, NULL);
  if (s->store == NULL) {
    free(s);
    return NULL;
  }
  s->ctx = wasmtime_store_context(s->store);
  wasmtime_error_delete(tenon_go_exec_new(s->ctx, &s->exec));
  return s;
}

/* Other executions of the store must be gone. */
static inline void tenon_go_store_delete(tenon_go_store_t *s) {
  uint64_t handles[16];
  tenon_go_exec_delete(s->exec);
  wasmtime_store_delete(s->store);
  while (tenon_go_drain(&s->queue, handles, 16) > 0) continue;
  free(s);
}

static inline void tenon_go_traps_delete(wasm_trap_t **traps, size_t n) {
  for (size_t i = 0; i < n; i++) wasm_trap_delete(traps[i]);
}

/* If the store has no space, the handle goes to the queue, so that whoever made it never has to take it back. */
static inline bool tenon_go_externref_new(wasmtime_context_t *ctx, tenon_go_queue_t *queue, uint64_t handle,
                                          wasmtime_externref_t *out) {
  tenon_go_node_t *node = (tenon_go_node_t *)malloc(sizeof *node);
  if (node == NULL) return false;
  node->next = NULL;
  node->queue = queue;
  node->handle = handle;
  if (wasmtime_externref_new(ctx, node, tenon_go_dropped, out)) return true;
  tenon_go_dropped(node);
  return false;
}

/* Writes a fresh externref to a slot; *root keeps it alive until tenon_go_unroot. */
static inline bool tenon_go_slot_externref(wasmtime_context_t *ctx, tenon_go_queue_t *queue, uint64_t handle,
                                           wasmtime_val_raw_t *slot, wasmtime_externref_t *root) {
  if (!tenon_go_externref_new(ctx, queue, handle, root)) return false;
  slot->i64 = 0;
  slot->externref = wasmtime_externref_to_raw(ctx, root);
  return true;
}

static inline void tenon_go_unroot(wasmtime_externref_t *roots, size_t n) {
  for (size_t i = 0; i < n; i++) wasmtime_externref_unroot(&roots[i]);
}

static inline void tenon_go_func_from_raw(wasmtime_context_t *ctx, uint64_t raw, wasmtime_func_t *out) {
  wasmtime_func_from_raw(ctx, (void *)(uintptr_t)raw, out);
}

/* The handle behind an externref, 0 if null. */
static inline uint64_t tenon_go_externref_handle(wasmtime_context_t *ctx, const wasmtime_externref_t *ref) {
  if (ref->store_id == 0) return 0;
  tenon_go_node_t *node = (tenon_go_node_t *)wasmtime_externref_data(ctx, ref);
  return node == NULL ? 0 : node->handle;
}

static inline uint64_t tenon_go_slot_handle(wasmtime_context_t *ctx, uint32_t raw) {
  if (raw == 0) return 0;
  wasmtime_externref_t ref;
  wasmtime_externref_from_raw(ctx, raw, &ref);
  uint64_t handle = tenon_go_externref_handle(ctx, &ref);
  wasmtime_externref_unroot(&ref);
  return handle;
}

/* A value as Go passes it: numbers as bits in a (and b for v128), funcref as the two words of
 * wasmtime_func_t, externref as the handle in a, 0 being null. */
typedef struct tenon_go_val {
  uint64_t kind;
  uint64_t a;
  uint64_t b;
} tenon_go_val_t;

static inline bool tenon_go_to_val(wasmtime_context_t *ctx, tenon_go_queue_t *queue, const tenon_go_val_t *in,
                                   wasmtime_val_t *out) {
  memset(out, 0, sizeof *out);
  out->kind = (wasmtime_valkind_t)in->kind;
  switch (in->kind) {
    case WASMTIME_FUNCREF:
      out->of.funcref.store_id = in->a;
      out->of.funcref.__private = (void *)(uintptr_t)in->b;
      return true;
    case WASMTIME_EXTERNREF:
      return in->a == 0 || tenon_go_externref_new(ctx, queue, in->a, &out->of.externref);
    default:
      memcpy(&out->of, &in->a, sizeof in->a);
      memcpy((char *)&out->of + sizeof in->a, &in->b, sizeof in->b);
      return true;
  }
}

/* Takes over what *val owns. */
static inline void tenon_go_from_val(wasmtime_context_t *ctx, wasmtime_val_t *val, tenon_go_val_t *out) {
  out->kind = val->kind;
  out->a = out->b = 0;
  switch (val->kind) {
    case WASMTIME_I32:
    case WASMTIME_F32:
      out->a = (uint32_t)val->of.i32;
      break;
    case WASMTIME_I64:
    case WASMTIME_F64:
      out->a = (uint64_t)val->of.i64;
      break;
    case WASMTIME_FUNCREF:
      out->a = val->of.funcref.store_id;
      out->b = (uint64_t)(uintptr_t)val->of.funcref.__private;
      break;
    case WASMTIME_EXTERNREF:
      out->a = tenon_go_externref_handle(ctx, &val->of.externref);
      wasmtime_val_unroot(val);
      break;
    case WASMTIME_V128:
      memcpy(&out->a, &val->of, sizeof out->a);
      memcpy(&out->b, (char *)&val->of + sizeof out->a, sizeof out->b);
      break;
    default:
      wasmtime_val_unroot(val);
      break;
  }
}

static inline wasmtime_error_t *tenon_go_global_new(wasmtime_context_t *ctx, tenon_go_queue_t *queue,
                                                    const wasm_globaltype_t *ty, const tenon_go_val_t *in,
                                                    wasmtime_global_t *out) {
  wasmtime_val_t val;
  if (!tenon_go_to_val(ctx, queue, in, &val)) return wasmtime_error_new("no space for an externref");
  wasmtime_error_t *error = wasmtime_global_new(ctx, ty, &val, out);
  wasmtime_val_unroot(&val);
  return error;
}

static inline wasmtime_error_t *tenon_go_global_set(wasmtime_context_t *ctx, tenon_go_queue_t *queue,
                                                    const wasmtime_global_t *global, const tenon_go_val_t *in) {
  wasmtime_val_t val;
  if (!tenon_go_to_val(ctx, queue, in, &val)) return wasmtime_error_new("no space for an externref");
  wasmtime_error_t *error = wasmtime_global_set(ctx, global, &val);
  wasmtime_val_unroot(&val);
  return error;
}

static inline void tenon_go_global_get(wasmtime_context_t *ctx, const wasmtime_global_t *global, tenon_go_val_t *out) {
  wasmtime_val_t val;
  wasmtime_global_get(ctx, global, &val);
  tenon_go_from_val(ctx, &val, out);
}

static inline wasmtime_error_t *tenon_go_table_new(wasmtime_context_t *ctx, tenon_go_queue_t *queue,
                                                   const wasm_tabletype_t *ty, const tenon_go_val_t *in,
                                                   wasmtime_table_t *out) {
  wasmtime_val_t val;
  if (!tenon_go_to_val(ctx, queue, in, &val)) return wasmtime_error_new("no space for an externref");
  wasmtime_error_t *error = wasmtime_table_new(ctx, ty, &val, out);
  wasmtime_val_unroot(&val);
  return error;
}

static inline wasmtime_error_t *tenon_go_table_set(wasmtime_context_t *ctx, tenon_go_queue_t *queue,
                                                   const wasmtime_table_t *table, uint64_t index,
                                                   const tenon_go_val_t *in) {
  wasmtime_val_t val;
  if (!tenon_go_to_val(ctx, queue, in, &val)) return wasmtime_error_new("no space for an externref");
  wasmtime_error_t *error = wasmtime_table_set(ctx, table, index, &val);
  wasmtime_val_unroot(&val);
  return error;
}

static inline wasmtime_error_t *tenon_go_table_grow(wasmtime_context_t *ctx, tenon_go_queue_t *queue,
                                                    const wasmtime_table_t *table, uint64_t delta,
                                                    const tenon_go_val_t *in, uint64_t *previous) {
  wasmtime_val_t val;
  if (!tenon_go_to_val(ctx, queue, in, &val)) return wasmtime_error_new("no space for an externref");
  wasmtime_error_t *error = wasmtime_table_grow(ctx, table, delta, &val, previous);
  wasmtime_val_unroot(&val);
  return error;
}

static inline bool tenon_go_table_get(wasmtime_context_t *ctx, const wasmtime_table_t *table, uint64_t index,
                                      tenon_go_val_t *out) {
  wasmtime_val_t val;
  if (!wasmtime_table_get(ctx, table, index, &val)) return false;
  tenon_go_from_val(ctx, &val, out);
  return true;
}

static inline void tenon_go_valtypes(const uint8_t *kinds, size_t n, wasm_valtype_vec_t *out) {
  wasm_valtype_vec_new_uninitialized(out, n);
  for (size_t i = 0; i < n; i++) out->data[i] = wasm_valtype_new(kinds[i]);
}

static inline wasm_functype_t *tenon_go_functype(const uint8_t *params, size_t num_params, const uint8_t *results,
                                                 size_t num_results) {
  wasm_valtype_vec_t p, r;
  tenon_go_valtypes(params, num_params, &p);
  tenon_go_valtypes(results, num_results, &r);
  return wasm_functype_new(&p, &r);
}

static inline void tenon_go_functype_kinds(const wasm_functype_t *ty, uint8_t *out) {
  const wasm_valtype_vec_t *params = wasm_functype_params(ty);
  const wasm_valtype_vec_t *results = wasm_functype_results(ty);
  for (size_t i = 0; i < params->size; i++) *out++ = wasm_valtype_kind(params->data[i]);
  for (size_t i = 0; i < results->size; i++) *out++ = wasm_valtype_kind(results->data[i]);
}

static inline wasm_globaltype_t *tenon_go_globaltype(uint8_t kind, bool is_mutable) {
  return wasm_globaltype_new(wasm_valtype_new(kind), is_mutable ? WASM_VAR : WASM_CONST);
}

static inline wasm_tabletype_t *tenon_go_tabletype(uint8_t kind, uint32_t min, bool has_max, uint32_t max) {
  wasm_limits_t limits;
  limits.min = min;
  limits.max = has_max ? max : wasm_limits_max_default;
  return wasm_tabletype_new(wasm_valtype_new(kind), &limits);
}

/* Any extern type flattened; func points into the type it was read from. */
typedef struct tenon_go_externtype {
  const wasm_functype_t *func;
  uint64_t min;
  uint64_t max;
  uint8_t kind;
  uint8_t content;
  uint8_t is_mutable;
  uint8_t has_max;
  uint8_t is64;
  uint8_t shared;
} tenon_go_externtype_t;

static inline void tenon_go_read_global(const wasm_globaltype_t *ty, tenon_go_externtype_t *out) {
  out->content = wasm_valtype_kind(wasm_globaltype_content(ty));
  out->is_mutable = wasm_globaltype_mutability(ty) == WASM_VAR;
}

static inline void tenon_go_read_table(const wasm_tabletype_t *ty, tenon_go_externtype_t *out) {
  const wasm_limits_t *limits = wasm_tabletype_limits(ty);
  out->content = wasm_valtype_kind(wasm_tabletype_element(ty));
  out->min = limits->min;
  out->max = limits->max;
  out->has_max = limits->max != wasm_limits_max_default;
}

static inline void tenon_go_read_memory(const wasm_memorytype_t *ty, tenon_go_externtype_t *out) {
  out->min = wasmtime_memorytype_minimum(ty);
  out->has_max = wasmtime_memorytype_maximum(ty, &out->max);
  out->is64 = wasmtime_memorytype_is64(ty);
  out->shared = wasmtime_memorytype_isshared(ty);
}

static inline void tenon_go_read_externtype(const wasm_externtype_t *ty, tenon_go_externtype_t *out) {
  memset(out, 0, sizeof *out);
  out->kind = wasm_externtype_kind(ty);
  switch (out->kind) {
    case WASM_EXTERN_FUNC:
      out->func = wasm_externtype_as_functype_const(ty);
      break;
    case WASM_EXTERN_GLOBAL:
      tenon_go_read_global(wasm_externtype_as_globaltype_const(ty), out);
      break;
    case WASM_EXTERN_TABLE:
      tenon_go_read_table(wasm_externtype_as_tabletype_const(ty), out);
      break;
    case WASM_EXTERN_MEMORY:
      tenon_go_read_memory(wasm_externtype_as_memorytype_const(ty), out);
      break;
    default:
      break;
  }
}

/* What a guest writes to a stream, until Go takes it. The first byte after the stream was empty is announced by a byte in a
 * pipe, which a goroutine reads; so no C code calls into Go here either. */
typedef struct tenon_go_stream {
  pthread_mutex_t lock;
  uint8_t *data;
  size_t size;
  size_t capacity;
  int announce; /* write end of the pipe, owned */
  bool closed;
  int references; /* the guest's side and Go's */
} tenon_go_stream_t;

/* More than this is not kept: the guest waits. */
#define TENON_GO_STREAM_FULL (1 << 20)

static inline tenon_go_stream_t *tenon_go_stream_new(int announce) {
  tenon_go_stream_t *s = (tenon_go_stream_t *)calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  pthread_mutex_init(&s->lock, NULL);
  s->announce = announce;
  s->references = 2;
  return s;
}

static inline void tenon_go_stream_release(void *data) {
  tenon_go_stream_t *s = (tenon_go_stream_t *)data;
  pthread_mutex_lock(&s->lock);
  /* Whoever lets go first ends the stream: the reader of the pipe sees its end, and a writer sees a closed stream. */
  if (!s->closed) {
    s->closed = true;
    close(s->announce);
  }
  bool last = --s->references == 0;
  pthread_mutex_unlock(&s->lock);
  if (!last) return;
  pthread_mutex_destroy(&s->lock);
  free(s->data);
  free(s);
}

static inline bool tenon_go_stream_reserve(tenon_go_stream_t *s, size_t more) {
  if (s->size + more <= s->capacity) return true;
  size_t capacity = s->capacity * 2 > s->size + more ? s->capacity * 2 : s->size + more;
  uint8_t *data = (uint8_t *)realloc(s->data, capacity);
  if (data == NULL) return false;
  s->data = data;
  s->capacity = capacity;
  return true;
}

static inline ptrdiff_t tenon_go_stream_write(void *data, const uint8_t *bytes, size_t n) {
  tenon_go_stream_t *s = (tenon_go_stream_t *)data;
  pthread_mutex_lock(&s->lock);
  while (s->size > TENON_GO_STREAM_FULL && !s->closed) {
    pthread_mutex_unlock(&s->lock);
    usleep(200);
    pthread_mutex_lock(&s->lock);
  }
  ptrdiff_t result = -5; /* EIO */
  if (!s->closed && tenon_go_stream_reserve(s, n)) {
    bool announced = s->size > 0;
    memcpy(s->data + s->size, bytes, n);
    s->size += n;
    result = (ptrdiff_t)n;
    if (!announced && n > 0 && write(s->announce, "", 1) < 0) result = (ptrdiff_t)n; /* a later call takes it */
  }
  pthread_mutex_unlock(&s->lock);
  return result;
}

/* Moves up to cap bytes out and returns how many; *rest is how many are left. */
static inline size_t tenon_go_stream_take(tenon_go_stream_t *s, uint8_t *out, size_t cap, size_t *rest) {
  pthread_mutex_lock(&s->lock);
  size_t n = s->size < cap ? s->size : cap;
  if (n > 0) {
    memcpy(out, s->data, n);
    memmove(s->data, s->data + n, s->size - n);
    s->size -= n;
  }
  *rest = s->size;
  pthread_mutex_unlock(&s->lock);
  return n;
}

static inline void tenon_go_wasi_output(wasi_config_t *config, bool err, tenon_go_stream_t *s) {
  if (err)
    wasi_config_set_stderr_custom(config, tenon_go_stream_write, s, tenon_go_stream_release);
  else
    wasi_config_set_stdout_custom(config, tenon_go_stream_write, s, tenon_go_stream_release);
}

static inline void tenon_go_wasi_input(wasi_config_t *config, const uint8_t *bytes, size_t n) {
  wasm_byte_vec_t vec;
  wasm_byte_vec_new(&vec, n, (const char *)bytes);
  wasi_config_set_stdin_bytes(config, &vec);
}

#endif
