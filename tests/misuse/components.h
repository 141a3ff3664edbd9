// One maker for each type of argument that the component model's functions take; see objects.h. Components are refused,
// so that there is no object of most types: their functions only ever see NULL.

#define NONE(type) \
  static type *make_##type(enum how how) { \
    (void)how; \
    return NULL; \
  }

NONE(wasmtime_component_t)
NONE(wasmtime_component_type_t)
NONE(wasmtime_component_export_index_t)
NONE(wasmtime_component_extern_t)
NONE(wasmtime_component_func_type_t)
NONE(wasmtime_component_instance_type_t)
NONE(wasmtime_component_linker_instance_t)
NONE(wasmtime_component_enum_type_t)
NONE(wasmtime_component_fixed_length_list_type_t)
NONE(wasmtime_component_flags_type_t)
NONE(wasmtime_component_future_type_t)
NONE(wasmtime_component_list_type_t)
NONE(wasmtime_component_map_type_t)
NONE(wasmtime_component_option_type_t)
NONE(wasmtime_component_record_type_t)
NONE(wasmtime_component_result_type_t)
NONE(wasmtime_component_stream_type_t)
NONE(wasmtime_component_tuple_type_t)
NONE(wasmtime_component_variant_type_t)
NONE(wasmtime_component_resource_any_t)
NONE(wasmtime_module_type_t)

MAKER(wasmtime_component_linker_t, NIL) {
  return how == NIL ? NULL : wasmtime_component_linker_new(here.engine);
}

MAKER(wasmtime_component_resource_type_t, NIL) {
  return how == NIL ? NULL : wasmtime_component_resource_type_new_host(1);
}

MAKER(wasmtime_component_resource_host_t, NIL) {
  return how == NIL ? NULL : wasmtime_component_resource_host_new(true, 1, 1);
}

// Handles that nobody can have been given.
MAKER(wasmtime_component_instance_t, NIL) { return how == NIL ? NULL : calloc(1, sizeof(wasmtime_component_instance_t)); }
MAKER(wasmtime_component_func_t, NIL) { return how == NIL ? NULL : calloc(1, sizeof(wasmtime_component_func_t)); }

// Text; for EMPTY and HUGE_ text of a length without the text.
MAKER(wasmtime_component_val_t, NIL K7F KFF EMPTY HUGE_) {
  wasmtime_component_val_t made = {.kind = WASMTIME_COMPONENT_STRING};
  if (how == EMPTY || how == HUGE_)
    made.of.string = *make_name(how);
  else
    wasm_name_new_from_string(&made.of.string, "text");
  if (how == K7F || how == KFF)
    made.kind = how == K7F ? 0x7f : 0xff;
  length = 1;
  return how == NIL ? NULL : wasmtime_component_val_new(&made);
}

MAKER(wasmtime_component_valtype_t, NIL K7F KFF) {
  wasmtime_component_valtype_t *it = calloc(1, sizeof *it);
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : 0;
  return how == NIL ? NULL : it;
}

MAKER(wasmtime_component_item_t, NIL K7F KFF) {
  wasmtime_component_item_t *it = calloc(1, sizeof *it);
  it->kind = how == K7F ? 0x7f : how == KFF ? 0xff : 0;
  return how == NIL ? NULL : it;
}

#define LIST(name) \
  { \
    name##_t *it = calloc(1, sizeof *it); \
    if (how == EMPTY || how == HUGE_) \
      it->size = how == EMPTY ? 5 : SIZE_MAX; \
    else \
      name##_new_uninit(it, 1); \
    return how == NIL ? NULL : it; \
  }

MAKER(wasmtime_component_vallist_t, NIL EMPTY HUGE_) LIST(wasmtime_component_vallist)
MAKER(wasmtime_component_valtuple_t, NIL EMPTY HUGE_) LIST(wasmtime_component_valtuple)
MAKER(wasmtime_component_valrecord_t, NIL EMPTY HUGE_) LIST(wasmtime_component_valrecord)
MAKER(wasmtime_component_valflags_t, NIL EMPTY HUGE_) LIST(wasmtime_component_valflags)
MAKER(wasmtime_component_valmap_t, NIL EMPTY HUGE_) LIST(wasmtime_component_valmap)

MAKER(wasmtime_component_valrecord_entry_t, NIL) {
  return how == NIL ? NULL : calloc(1, sizeof(wasmtime_component_valrecord_entry_t));
}
MAKER(wasmtime_component_valmap_entry_t, NIL) {
  return how == NIL ? NULL : calloc(1, sizeof(wasmtime_component_valmap_entry_t));
}

static wasmtime_error_t *component_callback(void *env, wasmtime_context_t *context,
                                            const wasmtime_component_func_type_t *type, wasmtime_component_val_t *args,
                                            size_t nargs, wasmtime_component_val_t *results, size_t nresults) {
  (void)env, (void)context, (void)type, (void)args, (void)nargs, (void)results, (void)nresults;
  return NULL;
}
