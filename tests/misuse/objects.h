// One maker for each type of argument that wasmtime.h and tenon.h take, with the ways in which it can be wrong. What a
// maker gives is fresh, so that a function may consume it; stores, contexts and their parts are those of `world`.

#define MAKER(type, ...) static type *make_##type(enum how how)
// For arguments whose ownership moves into the function.
#define MAKER_OWNED(type, ...) static type *make_owned_##type(enum how how)

#define FRESH(type, value) (type *)memcpy(malloc(sizeof(type)), &(value), sizeof(type))

// How many elements the array has that was made last.
static size_t length;
// Whether the guest of `here` runs while the call is made; then deleting is about that store.
static bool running;
// The caller, in a host function.
static wasmtime_caller_t *calling;

MAKER(wasmtime_context_t, NIL) { return how == NIL ? NULL : world(how)->context; }

MAKER(wasmtime_store_t, NIL) { return how == NIL ? NULL : world(how)->store; }

MAKER_OWNED(wasmtime_store_t, NIL) {
  return how == NIL ? NULL : running ? here.store : wasmtime_store_new(here.engine, NULL, NULL);
}

MAKER(wasmtime_caller_t, NIL) { return how == NIL ? NULL : calling; }

MAKER(wasm_engine_t, NIL OTHER_ENGINE) { return how == NIL ? NULL : world(how)->engine; }

MAKER_OWNED(wasm_engine_t, NIL) { return how == NIL ? NULL : wasmtime_engine_clone(here.engine); }

MAKER(wasm_config_t, NIL USED) {
  wasm_config_t *config = how == NIL ? NULL : settings(false);
  if (how == USED)
    wasm_engine_delete(wasm_engine_new_with_config(config));
  return config;
}

MAKER(wasmtime_pooling_allocation_config_t, NIL) {
  return how == NIL ? NULL : wasmtime_pooling_allocation_config_new();
}

MAKER(wasi_config_t, NIL) { return how == NIL ? NULL : wasi_config_new(); }

MAKER(tenon_wasi_output_t, NIL) {
  return how == NIL ? NULL : tenon_wasi_config_keep_stdout(wasi_config_new(), 100);
}

MAKER(tenon_wasi_limits_t, NIL EMPTY HUGE_) {
  static tenon_wasi_limits_t limits = {100, 100, 100};
  if (how == EMPTY)
    memset(&limits, 0, sizeof limits);
  if (how == HUGE_)
    memset(&limits, 0xff, sizeof limits);
  return how == NIL ? NULL : &limits;
}

MAKER(tenon_module_limits_t, NIL EMPTY HUGE_) {
  static tenon_module_limits_t limits;
  if (how == NIL)
    return NULL;
  tenon_module_limits_init(&limits);
  if (how == EMPTY)
    memset(&limits, 0, sizeof limits);
  if (how == HUGE_)
    memset(&limits, 0xff, sizeof limits);
  return &limits;
}

MAKER(wasmtime_module_t, NIL OTHER_ENGINE) {
  return how == NIL ? NULL : wasmtime_module_clone(world(how)->module);
}

MAKER(wasmtime_linker_t, NIL OTHER_ENGINE) {
  if (how == NIL)
    return NULL;
  wasmtime_linker_t *linker = wasmtime_linker_new(world(how)->engine);
  wasm_functype_t *type = host_type();
  CHECK(!wasmtime_linker_define_func(linker, "host", 4, "f", 1, type, host, NULL, NULL));
  wasm_functype_delete(type);
  return linker;
}

MAKER(wasmtime_instance_pre_t, NIL OTHER_ENGINE) {
  wasmtime_instance_pre_t *made = NULL;
  if (how == NIL)
    return NULL;
  CHECK(!wasmtime_linker_instantiate_pre(make_wasmtime_linker_t(how), world(how)->module, &made));
  return made;
}

MAKER(wasmtime_error_t, NIL) { return how == NIL ? NULL : wasmtime_error_new("an error"); }

MAKER(wasmtime_instance_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO RANGE) {
  wasmtime_instance_t *it = FRESH(wasmtime_instance_t, world(how)->instance);
  if (how == ZERO)
    it->store_id = 0;
  if (how == RANGE)
    it->__private = SIZE_MAX;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_func_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO) {
  wasmtime_func_t *it = FRESH(wasmtime_func_t, world(how)->add);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_memory_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO RANGE) {
  wasmtime_memory_t *it = FRESH(wasmtime_memory_t, world(how)->memory);
  if (how == ZERO)
    it->store_id = 0;
  if (how == RANGE)
    it->__private1 = UINT32_MAX;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_table_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO RANGE) {
  wasmtime_table_t *it = FRESH(wasmtime_table_t, world(how)->table);
  if (how == ZERO)
    it->store_id = 0;
  if (how == RANGE)
    it->__private1 = UINT32_MAX;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_global_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO RANGE) {
  wasmtime_global_t *it = FRESH(wasmtime_global_t, world(how)->global);
  if (how == ZERO)
    it->store_id = 0;
  if (how == RANGE)
    it->__private1 = UINT32_MAX;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_tag_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO RANGE) {
  wasmtime_tag_t *it = FRESH(wasmtime_tag_t, world(how)->tag);
  if (how == ZERO)
    it->store_id = 0;
  if (how == RANGE)
    it->__private1 = UINT32_MAX;
  return how == NIL ? NULL : it;
}

// A host function of type (i32) -> i32, as the module wants one; with an index out of range it is a memory.
MAKER(wasmtime_extern_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO RANGE WRONG K7F KFF) {
  wasmtime_extern_t *it = calloc(1, sizeof *it);
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : WASMTIME_EXTERN_FUNC;
  it->of.func = world(how)->host;
  if (how == ZERO)
    it->of.func.store_id = 0;
  if (how == RANGE || how == WRONG)
    it->kind = WASMTIME_EXTERN_MEMORY, it->of.memory = *make_wasmtime_memory_t(how);
  length = 1;
  return how == NIL ? NULL : it;
}

// An i32 for numbers. What is of a store is an external reference, or for WRONG an i64.
MAKER(wasmtime_val_t, NIL OTHER_STORE OTHER_ENGINE STALE WRONG K7F KFF) {
  wasmtime_val_t *it = calloc(2, sizeof *it);
  it[0].of.i32 = it[1].of.i32 = 3;
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : how == WRONG ? WASMTIME_I64 : WASMTIME_I32;
  if (how == OTHER_STORE || how == OTHER_ENGINE || how == STALE) {
    it->kind = WASMTIME_EXTERNREF;
    wasmtime_externref_clone(&world(how)->externref, &it->of.externref);
  }
  length = 1;
  return how == NIL ? NULL : it;
}

// A function reference.
static wasmtime_val_t *make_funcref(enum how how) {
  wasmtime_val_t *it = make_wasmtime_val_t(how);
  if (how == GOOD)
    it->kind = WASMTIME_FUNCREF, it->of.funcref = here.add;
  if (how == OTHER_STORE || how == OTHER_ENGINE || how == STALE)
    it->kind = WASMTIME_FUNCREF, it->of.funcref = world(how)->add;
  return it;
}

static wasmtime_val_t *make_two_numbers(enum how how) {
  wasmtime_val_t *it = make_wasmtime_val_t(how);
  length = 2;
  return it;
}

MAKER(wasmtime_val_raw_t, NIL) {
  length = 2;
  return how == NIL ? NULL : calloc(2, sizeof(wasmtime_val_raw_t));
}

MAKER(wasmtime_externref_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO) {
  wasmtime_externref_t *it = calloc(1, sizeof *it);
  wasmtime_externref_clone(&world(how)->externref, it);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

// A struct; for WRONG a small integer.
MAKER(wasmtime_anyref_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO WRONG) {
  wasmtime_anyref_t *it = calloc(1, sizeof *it);
  wasmtime_structref_to_anyref(&world(how)->structref, it);
  if (how == WRONG)
    wasmtime_anyref_clone(&here.i31, it);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_eqref_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO WRONG) {
  wasmtime_eqref_t *it = calloc(1, sizeof *it);
  wasmtime_structref_to_eqref(&world(how)->structref, it);
  if (how == WRONG)
    wasmtime_eqref_from_i31(here.context, 7, it);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

// The three words of an array in the place of a struct's, for WRONG.
MAKER(wasmtime_structref_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO WRONG) {
  wasmtime_structref_t *it = calloc(1, sizeof *it);
  wasmtime_structref_clone(&world(how)->structref, it);
  if (how == WRONG)
    memcpy(it, &here.arrayref, sizeof *it);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_arrayref_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO WRONG) {
  wasmtime_arrayref_t *it = calloc(1, sizeof *it);
  wasmtime_arrayref_clone(&world(how)->arrayref, it);
  if (how == WRONG)
    memcpy(it, &here.structref, sizeof *it);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_exnref_t, NIL OTHER_STORE OTHER_ENGINE STALE ZERO) {
  wasmtime_exnref_t *it = calloc(1, sizeof *it);
  wasmtime_exnref_clone(&world(how)->exnref, it);
  if (how == ZERO)
    it->store_id = 0;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_struct_type_t, NIL OTHER_ENGINE) {
  return how == NIL ? NULL : wasmtime_struct_type_copy(world(how)->struct_type);
}

MAKER(wasmtime_array_type_t, NIL OTHER_ENGINE) {
  return how == NIL ? NULL : wasmtime_array_type_copy(world(how)->array_type);
}

MAKER(wasmtime_exn_type_t, NIL OTHER_ENGINE) {
  wasmtime_exn_type_t *made = NULL;
  wasm_valtype_t *types[] = {wasm_valtype_new_i32()};
  wasm_valtype_vec_t params = WASM_ARRAY_VEC(types);
  if (how != NIL)
    CHECK(!wasmtime_exn_type_new(world(how)->engine, &params, &made));
  return made;
}

MAKER(wasmtime_struct_ref_pre_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  if (how == GOOD) // to be consumed
    return wasmtime_struct_ref_pre_new(here.context, here.struct_type);
  return how == NIL ? NULL : world(how)->struct_pre;
}

MAKER(wasmtime_array_ref_pre_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  if (how == GOOD)
    return wasmtime_array_ref_pre_new(here.context, here.array_type);
  return how == NIL ? NULL : world(how)->array_pre;
}

// A reference to structs of one type; for EMPTY without the type.
MAKER(wasmtime_heaptype_t, NIL OTHER_ENGINE K7F KFF EMPTY) {
  wasmtime_heaptype_t *it = calloc(1, sizeof *it);
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT;
  it->of.concrete_struct = how == EMPTY ? NULL : make_wasmtime_struct_type_t(how);
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_reftype_t, NIL OTHER_ENGINE K7F KFF EMPTY) {
  wasmtime_reftype_t *it = calloc(1, sizeof *it);
  if (how != NIL)
    it->heaptype = *make_wasmtime_heaptype_t(how);
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_valtype_t, NIL OTHER_ENGINE K7F KFF WRONG EMPTY) {
  wasmtime_valtype_t *it = calloc(1, sizeof *it);
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : WASMTIME_VALTYPE_KIND_REF;
  if (how == WRONG)
    it->reftype.heaptype.kind = 0xff;
  else if (how != NIL && how != K7F && how != KFF)
    it->reftype = *make_wasmtime_reftype_t(how);
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_storage_type_t, NIL K7F KFF EMPTY) {
  wasmtime_storage_type_t *it = calloc(1, sizeof *it);
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : WASMTIME_STORAGE_TYPE_KIND_VALTYPE;
  it->valtype = how == EMPTY ? NULL : wasm_valtype_new_i64();
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_field_type_t, NIL OTHER_ENGINE K7F KFF EMPTY) {
  wasmtime_field_type_t *it = calloc(1, sizeof *it);
  if (how != NIL)
    it->storage = *make_wasmtime_storage_type_t(how);
  if (how == OTHER_ENGINE)
    it->storage.valtype = wasmtime_valtype_to_wasm(abroad.engine, make_wasmtime_valtype_t(how));
  length = 1;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_sharedmemory_t, NIL) {
  wasm_memorytype_t *type = NULL;
  wasmtime_sharedmemory_t *made = NULL;
  if (how == NIL)
    return NULL;
  CHECK(!wasmtime_memorytype_new(1, true, 2, false, true, 16, &type));
  CHECK(!wasmtime_sharedmemory_new(here.engine, type, &made));
  return made;
}

MAKER(wasmtime_call_future_t, NIL) {
  static wasmtime_val_t args[2], result;
  static wasm_trap_t *trap;
  static wasmtime_error_t *error;
  if (how == NIL)
    return NULL;
  return wasmtime_func_call_async(here.context, &here.add, args, 2, &result, 1, &trap, &error);
}

MAKER(wasmtime_guestprofiler_modules_t, NIL EMPTY OTHER_ENGINE) {
  static wasm_name_t name = {3, "mod"};
  wasmtime_guestprofiler_modules_t *it = calloc(1, sizeof *it);
  if (how != EMPTY)
    it->name = &name, it->mod = world(how)->module;
  length = 1;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_guestprofiler_t, NIL OTHER_ENGINE) {
  wasm_name_t name = {3, "all"};
  wasmtime_guestprofiler_modules_t *modules = make_wasmtime_guestprofiler_modules_t(how);
  return how == NIL ? NULL : wasmtime_guestprofiler_new(world(how)->engine, &name, 1000, modules, 1);
}

static wasmtime_error_t *refuse_memory(void *env, const wasm_memorytype_t *type, size_t minimum, size_t maximum,
                                       size_t reserved, size_t guard, wasmtime_linear_memory_t *out) {
  (void)env, (void)type, (void)minimum, (void)maximum, (void)reserved, (void)guard, (void)out;
  return wasmtime_error_new("no memory");
}

static wasmtime_error_t *refuse_stack(void *env, size_t size, bool zeroed, wasmtime_stack_memory_t *out) {
  (void)env, (void)size, (void)zeroed, (void)out;
  return wasmtime_error_new("no stack");
}

// For EMPTY without a function.
MAKER(wasmtime_memory_creator_t, NIL EMPTY) {
  wasmtime_memory_creator_t *it = calloc(1, sizeof *it);
  it->new_memory = how == EMPTY ? NULL : refuse_memory;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_stack_creator_t, NIL EMPTY) {
  wasmtime_stack_creator_t *it = calloc(1, sizeof *it);
  it->new_stack = how == EMPTY ? NULL : refuse_stack;
  return how == NIL ? NULL : it;
}

// The one that runs, if one does.
static tenon_exec_t *running_exec;

MAKER(tenon_exec_t, NIL OTHER_STORE OTHER_ENGINE STALE) {
  tenon_exec_t *made = NULL;
  if (how == NIL)
    return NULL;
  if (running_exec)
    return running_exec;
  if (how == STALE) { // its store is deleted first
    wasmtime_store_t *store = wasmtime_store_new(here.engine, NULL, NULL);
    CHECK(!tenon_exec_new(wasmtime_store_context(store), &made));
    wasmtime_store_delete(store);
    return made;
  }
  CHECK(!tenon_exec_new(world(how)->context, &made));
  return made;
}

MAKER(tenon_interrupt_t, NIL) {
  if (how == NIL)
    return NULL;
  tenon_exec_t *exec = make_tenon_exec_t(GOOD);
  tenon_interrupt_t *made = tenon_exec_interrupt_handle(exec);
  if (!running_exec)
    tenon_exec_delete(exec);
  return made;
}

static char *make_text(enum how how, const char *good) {
  char *it = strdup(how == TEXT ? "\xff\xfe" : good);
  length = strlen(it);
  return how == NIL ? NULL : it;
}

// One text; for HOLES none.
static const char **make_texts(enum how how) {
  const char **it = calloc(1, sizeof *it);
  *it = how == HOLES ? NULL : make_text(how == NIL ? GOOD : how, "text");
  length = 1;
  return how == NIL ? NULL : it;
}

static uint8_t *make_bytes(enum how how, const void *from, size_t size) {
  uint8_t *it = memcpy(malloc(size + 1), from, size);
  if (how == WRONG)
    memset(it, 0x5a, size);
  length = size;
  return how == NIL ? NULL : it;
}

static uint8_t *make_module_bytes(enum how how) { return make_bytes(how, binary.data, binary.size); }

static uint8_t *make_image_bytes(enum how how) {
  wasm_byte_vec_t image;
  CHECK(!wasmtime_module_serialize(here.module, &image));
  return make_bytes(how, image.data, image.size);
}

// A function as machine code knows it.
static void *make_raw_func(enum how how) {
  return how == NIL ? NULL : wasmtime_func_to_raw(here.context, &here.add);
}
