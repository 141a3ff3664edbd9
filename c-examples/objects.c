// Guest objects in the host's hands: structs, arrays, small integers, and an exception.

#include "example.h"

int main(int argc, char **argv) {
  (void)argc;
  wasm_config_t *config = wasm_config_new();
  wasmtime_config_wasm_gc_set(config, true);
  wasmtime_config_wasm_function_references_set(config, true);
  wasmtime_config_wasm_exceptions_set(config, true);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_module_t *module = compile(engine, argv[1]);
  wasmtime_instance_t instance = instantiate(context, module, NULL, 0);
  wasmtime_func_t point = func_of(context, &instance, "point"), x = func_of(context, &instance, "x");
  wasmtime_func_t bytes = func_of(context, &instance, "bytes"), throw_ = func_of(context, &instance, "throw");
  wasm_trap_t *trap = NULL;

  // The guest makes a point that refers to a small integer.
  wasmtime_val_t args[2] = {{.kind = WASMTIME_I32, .of.i32 = 42}, {.kind = WASMTIME_ANYREF}}, result, field;
  wasmtime_anyref_from_i31(context, 7, &args[1].of.anyref);
  check("point", wasmtime_func_call(context, &point, args, 2, &result, 1, &trap), trap);
  wasmtime_val_unroot(&args[1]);
  check("gc", wasmtime_context_gc(context), NULL);

  wasmtime_structref_t object;
  printf("a struct: %d\n", wasmtime_anyref_as_struct(context, &result.of.anyref, &object));
  wasmtime_struct_type_t *type = wasmtime_structref_type(context, &object);
  printf("fields: %zu\n", wasmtime_struct_type_num_fields(type));
  check("field", wasmtime_structref_field(context, &object, 0, &field), NULL);
  printf("x: %d\n", field.of.i32);
  check("field", wasmtime_structref_field(context, &object, 1, &field), NULL);
  int32_t number = 0;
  wasmtime_anyref_i31_get_s(context, &field.of.anyref, &number);
  printf("next: %d\n", number);
  wasmtime_val_unroot(&field);

  // The host makes one of the same type, which the guest reads.
  wasmtime_struct_ref_pre_t *pre = wasmtime_struct_ref_pre_new(context, type);
  wasmtime_val_t fields[2] = {{.kind = WASMTIME_I32, .of.i32 = 1}, {.kind = WASMTIME_ANYREF}};
  wasmtime_structref_to_anyref(&object, &fields[1].of.anyref);
  wasmtime_structref_t made;
  check("struct", wasmtime_structref_new(context, pre, fields, 2, &made), NULL);
  wasmtime_val_t value = {.kind = WASMTIME_I32, .of.i32 = 99};
  check("set", wasmtime_structref_set_field(context, &made, 0, &value), NULL);
  wasmtime_val_t given = {.kind = WASMTIME_ANYREF};
  wasmtime_structref_to_anyref(&made, &given.of.anyref);
  check("x", wasmtime_func_call(context, &x, &given, 1, &field, 1, &trap), trap);
  printf("the guest sees %d\n", field.of.i32);
  wasmtime_val_unroot(&given);
  wasmtime_val_unroot(&fields[1]);
  wasmtime_val_unroot(&result);
  wasmtime_structref_unroot(&made);
  wasmtime_structref_unroot(&object);
  wasmtime_struct_ref_pre_delete(pre);
  wasmtime_struct_type_delete(type);

  // An array of bytes.
  args[0].of.i32 = 3;
  check("bytes", wasmtime_func_call(context, &bytes, args, 1, &result, 1, &trap), trap);
  wasmtime_arrayref_t array;
  uint32_t len = 0;
  wasmtime_anyref_as_array(context, &result.of.anyref, &array);
  check("len", wasmtime_arrayref_len(context, &array, &len), NULL);
  check("get", wasmtime_arrayref_get(context, &array, 2, &field), NULL);
  printf("%u bytes of %d\n", (unsigned)len, field.of.i32);
  wasmtime_error_t *error = wasmtime_arrayref_get(context, &array, 3, &field);
  printf("beyond: %s\n", error != NULL ? "error" : "value");
  wasmtime_error_delete(error);
  wasmtime_arrayref_unroot(&array);
  wasmtime_val_unroot(&result);

  // An exception that nobody caught.
  check("throw", wasmtime_func_call(context, &throw_, args, 1, NULL, 0, &trap), NULL);
  wasmtime_exnref_t exception;
  printf("thrown: %d\n", trap != NULL && wasmtime_context_take_exception(context, &exception));
  wasm_trap_delete(trap);
  check("field", wasmtime_exnref_field(context, &exception, 0, &field), NULL);
  printf("it carries %d\n", field.of.i32);
  wasmtime_tag_t tag, exported = export_of(context, &instance, "oops", WASMTIME_EXTERN_TAG).of.tag;
  check("tag", wasmtime_exnref_tag(context, &exception, &tag), NULL);
  printf("its tag is the exported one: %d\n", wasmtime_tag_eq(context, &tag, &exported));
  wasmtime_exnref_unroot(&exception);

  wasmtime_module_delete(module);
  wasmtime_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
