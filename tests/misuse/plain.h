// One maker for each type of argument that wasm.h takes; see objects.h.

static const wasm_limits_t some_limits = {1, 4};

// An i32; of another engine it refers to structs of a type that is known only there.
MAKER(wasm_valtype_t, NIL OTHER_ENGINE) {
  if (how == OTHER_ENGINE)
    return wasmtime_valtype_to_wasm(abroad.engine, make_wasmtime_valtype_t(how));
  return how == NIL ? NULL : wasm_valtype_new_i32();
}

static wasm_valtype_t *make_funcref_type(enum how how) {
  if (how == WRONG)
    return wasm_valtype_new_i32(); // tables hold references only
  return how == GOOD ? wasm_valtype_new_funcref() : make_wasm_valtype_t(how);
}

MAKER(wasm_functype_t, NIL OTHER_ENGINE) {
  if (how == NIL)
    return NULL;
  return wasm_functype_new_1_1(make_wasm_valtype_t(how), wasm_valtype_new_i32());
}

MAKER(wasm_globaltype_t, NIL OTHER_ENGINE) {
  return how == NIL ? NULL : wasm_globaltype_new(make_wasm_valtype_t(how), WASM_VAR);
}

MAKER(wasm_tabletype_t, NIL OTHER_ENGINE) {
  return how == NIL ? NULL : wasm_tabletype_new(make_funcref_type(how), &some_limits);
}

MAKER(wasm_memorytype_t, NIL) { return how == NIL ? NULL : wasm_memorytype_new(&some_limits); }

static wasm_memorytype_t *make_shared_memorytype(enum how how) {
  wasm_memorytype_t *made = NULL;
  if (how != NIL)
    CHECK(!wasmtime_memorytype_new(1, true, 4, false, true, 16, &made));
  return made;
}

MAKER(wasm_tagtype_t, NIL OTHER_ENGINE) {
  if (how == NIL)
    return NULL;
  return wasm_tagtype_new(wasm_functype_new_1_0(make_wasm_valtype_t(how)));
}

// A function's; for WRONG a memory's.
MAKER(wasm_externtype_t, NIL WRONG) {
  if (how == WRONG)
    return wasm_memorytype_as_externtype(make_wasm_memorytype_t(GOOD));
  return how == NIL ? NULL : wasm_functype_as_externtype(make_wasm_functype_t(GOOD));
}

static wasm_name_t *make_name(enum how how) {
  wasm_name_t *it = calloc(1, sizeof *it);
  if (how == TEXT)
    wasm_name_new_from_string(it, "\xff\xfe");
  else if (how == EMPTY)
    it->size = 5;
  else if (how == HUGE_)
    it->size = SIZE_MAX;
  else
    wasm_name_new_from_string(it, "name");
  return how == NIL ? NULL : it;
}

MAKER(wasm_importtype_t, NIL) {
  if (how == NIL)
    return NULL;
  return wasm_importtype_new(make_name(GOOD), make_name(GOOD), make_wasm_externtype_t(GOOD));
}

MAKER(wasm_exporttype_t, NIL) {
  return how == NIL ? NULL : wasm_exporttype_new(make_name(GOOD), make_wasm_externtype_t(GOOD));
}

// A trap with frames.
MAKER(wasm_trap_t, NIL) {
  wasm_trap_t *trap = NULL;
  if (how == NIL)
    return NULL;
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  CHECK(trap = wasm_func_call(wasm_extern_as_func(plain_here.exports.data[6]), &none, &none));
  return trap;
}

MAKER(wasm_frame_t, NIL) { return how == NIL ? NULL : wasm_trap_origin(make_wasm_trap_t(GOOD)); }

MAKER(wasm_store_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  if (how == STALE) // the store is deleted, but its objects keep what is behind it alive
    how = OTHER_STORE;
  return how == NIL ? NULL : plain(how)->store;
}

MAKER_OWNED(wasm_store_t, NIL) {
  wasm_store_t *store = how == NIL ? NULL : running ? plain_here.store : wasm_store_new(plain_here.engine);
  if (running)
    plain_here.store = NULL; // objects keep what is behind it alive
  return store;
}

MAKER(wasm_module_t, NIL OTHER_ENGINE) { return how == NIL ? NULL : wasm_module_copy(plain(how)->module); }

MAKER(wasm_shared_module_t, NIL OTHER_ENGINE) {
  return how == NIL ? NULL : wasm_module_share(plain(how)->module);
}

MAKER(wasm_instance_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  return how == NIL ? NULL : wasm_instance_copy(plain(how)->instance);
}

MAKER(wasm_func_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  return how == NIL ? NULL : wasm_func_copy(plain(how)->add);
}

MAKER(wasm_global_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  return how == NIL ? NULL : wasm_global_copy(plain(how)->global);
}

MAKER(wasm_table_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  return how == NIL ? NULL : wasm_table_copy(plain(how)->table);
}

MAKER(wasm_memory_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  return how == NIL ? NULL : wasm_memory_copy(plain(how)->memory);
}

MAKER(wasm_foreign_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  return how == NIL ? NULL : wasm_foreign_copy(plain(how)->foreign);
}

// The host function that the module imports; for WRONG a memory.
MAKER(wasm_extern_t, NIL OTHER_STORE OTHER_ENGINE STALE WRONG) {
  if (how == WRONG)
    return wasm_extern_copy(plain_here.exports.data[0]);
  return how == NIL ? NULL : wasm_extern_copy(wasm_func_as_extern(plain(how)->host));
}

// A function; for WRONG a memory.
MAKER(wasm_ref_t, NIL OTHER_STORE OTHER_ENGINE STALE WRONG) {
  return how == NIL ? NULL : wasm_ref_copy(wasm_extern_as_ref(make_wasm_extern_t(how)));
}

// An i32; what is of a store is a reference to a function, for EMPTY a null one. `of` is no pointer for K7F and KFF.
MAKER(wasm_val_t, NIL OTHER_STORE OTHER_ENGINE STALE WRONG EMPTY K7F KFF) {
  wasm_val_t *it = calloc(2, sizeof *it);
  it[0].of.i32 = it[1].of.i32 = 3;
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : how == WRONG ? WASM_I64 : WASM_I32;
  if (how == EMPTY)
    it->kind = WASM_FUNCREF, it->of.ref = NULL;
  if (how == OTHER_STORE || how == OTHER_ENGINE || how == STALE)
    it->kind = WASM_FUNCREF, it->of.ref = make_wasm_ref_t(how);
  length = 1;
  return how == NIL ? NULL : it;
}

MAKER(wasm_limits_t, NIL WRONG HUGE_) {
  wasm_limits_t *it = calloc(1, sizeof *it);
  *it = how == WRONG ? (wasm_limits_t){4, 1} : how == HUGE_ ? (wasm_limits_t){UINT32_MAX, UINT32_MAX} : some_limits;
  return how == NIL ? NULL : it;
}

// Vectors of one element; for EMPTY of five at NULL, for HUGE_ of as many as there can be, at NULL.
#define VECTOR(name, Element, element, hole) \
  { \
    name##_vec_t *it = calloc(1, sizeof *it); \
    Element elements[] = {how == HOLES ? hole : element(how == NIL || how == EMPTY || how == HUGE_ ? GOOD : how)}; \
    if (how == EMPTY || how == HUGE_) \
      it->size = how == EMPTY ? 5 : SIZE_MAX; \
    else \
      name##_vec_new(it, 1, elements); \
    return how == NIL ? NULL : it; \
  }
// As many elements as `make_array_` gives, for the functions that make vectors.
#define ARRAY(name, Element, element, hole) \
  static Element *make_array_##name(enum how how) { \
    Element *it = calloc(1, sizeof *it); \
    *it = how == HOLES ? hole : element(GOOD); \
    length = 1; \
    return how == NIL ? NULL : it; \
  }
#define POINTER_VECTOR(name) VECTOR(name, name##_t *, make_##name##_t, NULL)
#define POINTER_ARRAY(name) ARRAY(name, name##_t *, make_##name##_t, NULL)

MAKER(wasm_valtype_vec_t, NIL EMPTY HUGE_ HOLES OTHER_ENGINE) POINTER_VECTOR(wasm_valtype)
MAKER(wasm_functype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_functype)
MAKER(wasm_globaltype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_globaltype)
MAKER(wasm_tabletype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_tabletype)
MAKER(wasm_memorytype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_memorytype)
MAKER(wasm_tagtype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_tagtype)
MAKER(wasm_externtype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_externtype)
MAKER(wasm_importtype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_importtype)
MAKER(wasm_exporttype_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_exporttype)
MAKER(wasm_frame_vec_t, NIL EMPTY HUGE_ HOLES) POINTER_VECTOR(wasm_frame)
MAKER(wasm_extern_vec_t, NIL EMPTY HUGE_ HOLES OTHER_STORE OTHER_ENGINE STALE WRONG) POINTER_VECTOR(wasm_extern)

POINTER_ARRAY(wasm_valtype)
POINTER_ARRAY(wasm_functype)
POINTER_ARRAY(wasm_globaltype)
POINTER_ARRAY(wasm_tabletype)
POINTER_ARRAY(wasm_memorytype)
POINTER_ARRAY(wasm_tagtype)
POINTER_ARRAY(wasm_externtype)
POINTER_ARRAY(wasm_importtype)
POINTER_ARRAY(wasm_exporttype)
POINTER_ARRAY(wasm_frame)
POINTER_ARRAY(wasm_extern)

static wasm_val_t val_of(enum how how) { return *make_wasm_val_t(how); }
static wasm_byte_t byte_of(enum how how) { return how == TEXT ? (wasm_byte_t)0xff : 'b'; }

MAKER(wasm_val_vec_t, NIL EMPTY HUGE_ OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF)
VECTOR(wasm_val, wasm_val_t, val_of, (wasm_val_t)WASM_INIT_VAL)
ARRAY(wasm_val, wasm_val_t, val_of, (wasm_val_t)WASM_INIT_VAL)
MAKER(wasm_byte_vec_t, NIL EMPTY HUGE_ TEXT) VECTOR(wasm_byte, wasm_byte_t, byte_of, 0)
ARRAY(wasm_byte, wasm_byte_t, byte_of, 0)

// Two i32, as `add` wants them.
static wasm_val_vec_t *make_arguments(enum how how) {
  wasm_val_vec_t *it = make_wasm_val_vec_t(how);
  if (it && how != EMPTY && how != HUGE_)
    wasm_val_vec_new(it, 2, make_wasm_val_t(how));
  return it;
}

static wasm_byte_vec_t *make_module_vec(enum how how) {
  if (how != GOOD && how != WRONG)
    return make_wasm_byte_vec_t(how);
  wasm_byte_vec_t *it = calloc(1, sizeof *it);
  wasm_byte_vec_new(it, binary.size, (wasm_byte_t *)make_module_bytes(how));
  return it;
}

static wasm_byte_vec_t *make_image_vec(enum how how) {
  if (how != GOOD && how != WRONG)
    return make_wasm_byte_vec_t(how);
  wasm_byte_vec_t *it = calloc(1, sizeof *it);
  wasm_module_serialize(plain_here.module, it);
  if (how == WRONG)
    memset(it->data, 0x5a, it->size);
  return it;
}

// A text with its NUL; for TEXT none of both, for WRONG without the NUL.
static wasm_message_t *make_message(enum how how) {
  wasm_name_t *it = make_name(how);
  if (how == GOOD)
    wasm_name_new_from_string_nt(it, "text");
  return it;
}

MAKER(wasm_name_t, NIL EMPTY HUGE_ TEXT) { return make_name(how); }
MAKER(wasm_message_t, NIL EMPTY HUGE_ TEXT WRONG) { return make_message(how); }
