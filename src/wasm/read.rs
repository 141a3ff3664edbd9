//! From bytes to [`ModuleInfo`] and bodies. Everything but the bodies is validated here; a body is validated
//! by whoever reads it, in the same pass.

use super::convert::*;
use super::features::Features;
use super::module::*;
use super::read_init::{const_expr, data, element};
use crate::base::index::*;
use crate::base::{Error, ErrorKind, Result};
use wasmparser::*;

/// One function body that is not validated yet.
pub(crate) struct Body<'a> {
    pub(crate) validate: FuncToValidate<ValidatorResources>,
    pub(crate) body: FunctionBody<'a>,
}

/// A module whose declarations are valid.
#[derive(Default)]
pub(crate) struct ParsedModule<'a> {
    pub(crate) info: ModuleInfo,
    pub(crate) bodies: Vec<Body<'a>>,
    /// Contents of the data segments, in order.
    pub(crate) data: Vec<&'a [u8]>,
    pub(super) data_len: u32,
    /// Ascending by index.
    pub(crate) func_names: Vec<(u32, &'a str)>,
    /// Custom sections but names and debug information.
    pub(crate) customs: Vec<(&'a str, &'a [u8])>,
    /// Branch hints: function index, offset from the start of its body, taken or not; sorted.
    pub(crate) hints: Vec<(u32, u32, bool)>,
}

/// Translates the parser's error; its text, offset included, is kept.
#[cold]
pub(crate) fn invalid(e: wasmparser::Error) -> Error {
    // Bytes that only an unfinished proposal gives a meaning to are wrong rather than unsupported.
    let unfinished = WasmFeatures::SHARED_EVERYTHING_THREADS | WasmFeatures::COMPONENT_MODEL;
    let kind = match e.missing_wasm_feature() {
        Some(feature) if !unfinished.contains(feature) => ErrorKind::Unsupported,
        _ => ErrorKind::Invalid,
    };
    Error::new(kind, e.to_string()).at(e.offset() as usize)
}

/// Reads and validates all but the bodies.
pub(crate) fn read<'a>(bytes: &'a [u8], features: &Features) -> Result<ParsedModule<'a>> {
    check_preamble(bytes)?;
    let mut validator = Validator::new_with_features(features.parser());
    let mut parser = Parser::new(0);
    parser.set_features(features.parser());
    let mut module = ParsedModule::default();
    for payload in parser.parse_all(bytes) {
        let payload = payload.map_err(invalid)?;
        match validator.payload(&payload).map_err(invalid)? {
            ValidPayload::Func(validate, body) => module.bodies.push(Body { validate, body }),
            ValidPayload::Ok | ValidPayload::End(_) => module.payload(payload)?,
            ValidPayload::Parser(_) => return Err(not_a_module("a nested module is not allowed")),
        }
    }
    module.hints.sort_unstable();
    Ok(module)
}

/// Whether `bytes` are a valid binary module; the error says why not.
pub fn validate(bytes: &[u8], features: &Features) -> Result<()> {
    if is_component(bytes) {
        return Err(not_a_module("component passed to module validation").at(4));
    }
    let module = read(bytes, features)?;
    let mut allocations = FuncValidatorAllocations::default();
    for body in module.bodies {
        let mut validator = body.validate.into_validator(allocations);
        validator.validate(&body.body).map_err(invalid)?;
        allocations = validator.into_allocations();
    }
    Ok(())
}

/// What a binary module declares; its functions' bodies are not looked at.
pub fn declarations(bytes: &[u8], features: &Features) -> Result<ModuleInfo> {
    Ok(read(bytes, features)?.info)
}

/// Names and contents of the custom sections of a binary module, in order. Nothing else is checked.
pub fn custom_sections(bytes: &[u8]) -> Result<Vec<(&str, &[u8])>> {
    check_preamble(bytes)?;
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CustomSection(c) = payload.map_err(invalid)? {
            sections.push((c.name(), c.data()));
        }
    }
    Ok(sections)
}

fn not_a_module(text: &str) -> Error {
    Error::new(ErrorKind::Malformed, text)
}

fn is_component(bytes: &[u8]) -> bool {
    matches!(bytes, [0, b'a', b's', b'm', _, 0, 1, 0, ..])
}

/// Tells apart "not wasm at all" from an invalid module, and refuses components by name.
pub(super) fn check_preamble(bytes: &[u8]) -> Result<()> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(()),
        _ if is_component(bytes) => {
            Err(not_a_module("expected a WebAssembly module but was given a WebAssembly component").at(4))
        }
        _ => match Parser::new(0).parse(bytes, true) {
            Err(e) => Err(not_a_module(&e.to_string()).at(e.offset() as usize)),
            Ok(_) => Err(Error::internal("a header that is no module's was parsed")),
        },
    }
}

impl<'a> ParsedModule<'a> {
    fn payload(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(s) => self.types(s),
            Payload::ImportSection(s) => each(s.into_imports(), |i| self.import(i)),
            Payload::FunctionSection(s) => each(s, |ty| {
                self.info.funcs.push(FuncDecl { ty: TypeIndex(ty), func_ref: None });
                Ok(())
            }),
            Payload::TableSection(s) => each(s, |t| self.table(t)),
            Payload::MemorySection(s) => each(s, |m| {
                self.info.memories.push(memory_type(&m));
                Ok(())
            }),
            Payload::TagSection(s) => each(s, |t| {
                self.info.tags.push(TypeIndex(t.func_type_idx));
                Ok(())
            }),
            Payload::GlobalSection(s) => each(s, |g| self.global(g)),
            Payload::ExportSection(s) => each(s, |e| self.export(e)),
            Payload::StartSection { func, .. } => {
                self.info.start = Some(FuncIndex(func));
                self.func_escapes(FuncIndex(func));
                Ok(())
            }
            Payload::ElementSection(s) => each(s, |e| element(self, e)),
            Payload::DataSection(s) => each(s, |d| data(self, d)),
            Payload::CustomSection(s) => {
                self.custom(s);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Gives a function a record of its own, if it has none yet.
    pub(super) fn func_escapes(&mut self, f: FuncIndex) {
        let decl = &mut self.info.funcs[f];
        if decl.func_ref.is_none() {
            decl.func_ref = Some(FuncRefIndex(self.info.num_func_refs));
            self.info.num_func_refs += 1;
        }
    }

    fn types(&mut self, section: TypeSectionReader<'a>) -> Result<()> {
        each(section, |group| {
            let types = &mut self.info.types;
            let first = types.len() as u32;
            for ty in group.types() {
                types.push(outline(ty)?);
            }
            for (i, ty) in (first..).map(TypeIndex).zip(group.types()) {
                let made = sub_type(types, ty)?;
                types[i] = made;
            }
            let end = types.len() as u32;
            if end - first != 1 {
                self.info.rec_groups.push(first..end);
            }
            Ok(())
        })
    }

    fn import(&mut self, import: wasmparser::Import<'a>) -> Result<()> {
        let info = &mut self.info;
        let entity = match import.ty {
            TypeRef::Func(ty) => {
                info.num_imported_funcs += 1;
                EntityIndex::Func(info.funcs.push(FuncDecl { ty: TypeIndex(ty), func_ref: None }))
            }
            TypeRef::Table(ty) => {
                info.num_imported_tables += 1;
                EntityIndex::Table(info.tables.push(TableDecl { ty: table_type(&info.types, &ty)?, init: None }))
            }
            TypeRef::Memory(ty) => {
                info.num_imported_memories += 1;
                EntityIndex::Memory(info.memories.push(memory_type(&ty)))
            }
            TypeRef::Global(ty) => {
                info.num_imported_globals += 1;
                EntityIndex::Global(info.globals.push(GlobalDecl { ty: global_type(&info.types, &ty)?, init: None }))
            }
            TypeRef::Tag(ty) => {
                info.num_imported_tags += 1;
                EntityIndex::Tag(info.tags.push(TypeIndex(ty.func_type_idx)))
            }
            TypeRef::FuncExact(_) => {
                return Err(Error::new(ErrorKind::Unsupported, "exact import: custom descriptors are not supported"));
            }
        };
        let (module, name) = (import.module.to_owned(), import.name.to_owned());
        info.imports.push(super::Import { module, name, entity });
        Ok(())
    }

    fn table(&mut self, table: wasmparser::Table<'a>) -> Result<()> {
        let init = match &table.init {
            TableInit::RefNull => None,
            TableInit::Expr(e) => Some(const_expr(self, e)?),
        };
        self.info.tables.push(TableDecl { ty: table_type(&self.info.types, &table.ty)?, init });
        Ok(())
    }

    fn global(&mut self, global: wasmparser::Global<'a>) -> Result<()> {
        let init = Some(const_expr(self, &global.init_expr)?);
        self.info.globals.push(GlobalDecl { ty: global_type(&self.info.types, &global.ty)?, init });
        Ok(())
    }

    fn export(&mut self, export: wasmparser::Export<'a>) -> Result<()> {
        let entity = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                self.func_escapes(FuncIndex(export.index));
                EntityIndex::Func(FuncIndex(export.index))
            }
            ExternalKind::Table => EntityIndex::Table(TableIndex(export.index)),
            ExternalKind::Memory => EntityIndex::Memory(MemoryIndex(export.index)),
            ExternalKind::Global => EntityIndex::Global(GlobalIndex(export.index)),
            ExternalKind::Tag => EntityIndex::Tag(TagIndex(export.index)),
        };
        self.info.exports.push(super::Export { name: export.name.to_owned(), entity });
        Ok(())
    }

    /// Errors inside custom sections mean that the section is ignored, as the specification asks.
    fn custom(&mut self, section: CustomSectionReader<'a>) {
        match section.as_known() {
            KnownCustom::Name(names) => self.names(names),
            KnownCustom::BranchHints(hints) => _ = self.branch_hints(hints),
            _ => {}
        }
        if section.name() != "name" && !section.name().starts_with(".debug_") {
            self.customs.push((section.name(), section.data()));
        }
    }

    fn names(&mut self, names: NameSectionReader<'a>) {
        for name in names.map_while(|n| n.ok()) {
            match name {
                Name::Module { name, .. } => self.info.name = Some(name.to_owned()),
                Name::Function(map) => {
                    let mut all: Vec<_> = map.into_iter().map_while(|n| n.ok()).map(|n| (n.index, n.name)).collect();
                    all.sort_by_key(|n| n.0);
                    all.dedup_by_key(|n| n.0);
                    self.func_names = all;
                }
                _ => {}
            }
        }
    }

    fn branch_hints(&mut self, section: SectionLimited<'a, BranchHintFunction<'a>>) -> Result<()> {
        each(section, |f| {
            each(f.hints, |h| {
                self.hints.push((f.func, h.func_offset, h.taken));
                Ok(())
            })
        })
    }
}

fn each<T>(items: impl IntoIterator<Item = wasmparser::Result<T>>, mut f: impl FnMut(T) -> Result<()>) -> Result<()> {
    for item in items {
        f(item.map_err(invalid)?)?;
    }
    Ok(())
}
