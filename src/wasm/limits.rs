//! Bounds on modules, below those of the web embedding that the validator always holds (1,000,000 types and
//! functions, 100,000 imports, exports and segments, 50,000 locals and 7,654,321 bytes per function, 1,000 parameters and results).

use crate::base::{Error, ErrorKind, Result};
use wasmparser::{Parser, Payload};

/// What a host accepts at most; `None` leaves the web embedding's bound. For hosts that compile what strangers
/// send: work and memory of compilation grow with these.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ModuleLimits {
    /// Bytes of the whole module.
    pub module_size: Option<usize>,
    /// Functions that the module defines.
    pub functions: Option<usize>,
    /// Bytes of one function's body.
    pub function_size: Option<usize>,
    /// Locals of one function, parameters left out.
    pub locals: Option<usize>,
    pub types: Option<usize>,
    pub imports: Option<usize>,
    pub exports: Option<usize>,
    pub tables: Option<usize>,
    pub memories: Option<usize>,
    pub globals: Option<usize>,
    /// Element and data segments, each kind by itself.
    pub segments: Option<usize>,
}

impl ModuleLimits {
    /// Says which limit `bytes` break. What is not a module at all passes: the reader says so better.
    pub fn check(&self, bytes: &[u8]) -> Result<()> {
        if *self == ModuleLimits::default() {
            return Ok(());
        }
        within("module size in bytes", bytes.len(), self.module_size)?;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload {
                Ok(payload) => self.check_payload(&payload)?,
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    fn check_payload(&self, payload: &Payload<'_>) -> Result<()> {
        let (what, count, max) = match payload {
            Payload::TypeSection(s) => ("number of types", s.count(), self.types),
            Payload::ImportSection(s) => ("number of imports", s.count(), self.imports),
            Payload::FunctionSection(s) => ("number of functions", s.count(), self.functions),
            Payload::TableSection(s) => ("number of tables", s.count(), self.tables),
            Payload::MemorySection(s) => ("number of memories", s.count(), self.memories),
            Payload::GlobalSection(s) => ("number of globals", s.count(), self.globals),
            Payload::ExportSection(s) => ("number of exports", s.count(), self.exports),
            Payload::ElementSection(s) => ("number of element segments", s.count(), self.segments),
            Payload::DataSection(s) => ("number of data segments", s.count(), self.segments),
            Payload::CodeSectionEntry(body) => return self.check_body(body),
            _ => return Ok(()),
        };
        within(what, count as usize, max)
    }

    fn check_body(&self, body: &wasmparser::FunctionBody<'_>) -> Result<()> {
        let at = body.range().start;
        let size = (body.range().end - at) as usize;
        within("size of a function in bytes", size, self.function_size).map_err(|e| e.at(at as usize))?;
        let Some(max) = self.locals else { return Ok(()) };
        // Unreadable locals are the validator's to report.
        let Ok(locals) = body.get_locals_reader() else { return Ok(()) };
        let count = locals.into_iter().map_while(core::result::Result::ok).fold(0usize, |n, (c, _)| n.saturating_add(c as usize));
        within("number of locals", count, Some(max)).map_err(|e| e.at(at as usize))
    }
}

fn within(what: &str, found: usize, max: Option<usize>) -> Result<()> {
    match max {
        Some(max) if found > max => {
            Err(Error::new(ErrorKind::Limit, format!("module exceeds its limits: {what} is {found}, more than {max}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_named_when_it_is_broken() {
        let text = r#"(module (type (func)) (import "a" "b" (func)) (table 1 funcref) (memory 1) (global i32 (i32.const 0))
            (func (export "f") (local i32 i64 i32)) (func) (elem func 0) (data "x"))"#;
        let wasm = wat::parse_str(text).unwrap();
        let none = ModuleLimits::default();
        assert!(none.check(&wasm).is_ok());
        let one = |limits: ModuleLimits, what: &str| {
            let error = limits.check(&wasm).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        };
        one(ModuleLimits { module_size: Some(20), ..none }, "module size");
        one(ModuleLimits { types: Some(0), ..none }, "types");
        one(ModuleLimits { imports: Some(0), ..none }, "imports");
        one(ModuleLimits { functions: Some(1), ..none }, "functions");
        one(ModuleLimits { function_size: Some(2), ..none }, "size of a function");
        one(ModuleLimits { locals: Some(2), ..none }, "locals is 3");
        one(ModuleLimits { tables: Some(0), ..none }, "tables");
        one(ModuleLimits { memories: Some(0), ..none }, "memories");
        one(ModuleLimits { globals: Some(0), ..none }, "globals");
        one(ModuleLimits { exports: Some(0), ..none }, "exports");
        one(ModuleLimits { segments: Some(0), ..none }, "element segments");
        let enough = ModuleLimits { locals: Some(3), functions: Some(2), segments: Some(1), ..none };
        assert!(enough.check(&wasm).is_ok());
    }
}
