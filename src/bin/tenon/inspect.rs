//! `tenon inspect`.

use super::args::InspectArgs;
use super::failure::{Result, to_stdout};
use super::load;
use std::fmt;
use std::io::{self, Write};
use tenon::runtime::{Config, Module};
use tenon::wasm::{self, ExternType, MemoryType, TableType};

pub(crate) fn inspect(args: &InspectArgs) -> Result<()> {
    let bytes = load::read(&args.file)?;
    if Module::is_serialized(&bytes) {
        return compiled(args, &bytes);
    }
    let wasm = load::binary(&args.file, bytes)?;
    let bad = |e| load::about(&args.file, &e);
    let sections = wasm::sections(&wasm).map_err(bad)?;
    let info = wasm::declarations(&wasm, &load::features(&args.proposals)).map_err(bad)?;
    to_stdout(|out| {
        let name = info.name.as_deref().map(|n| format!(" `{n}`")).unwrap_or_default();
        writeln!(out, "module{name}: {} bytes, {} functions of its own", wasm.len(), info.num_defined_funcs())?;
        writeln!(out, "\nsections ({})\n  {:>10} {:>10}  name", sections.len(), "offset", "bytes")?;
        for section in &sections {
            let kind = if section.custom { "custom " } else { "" };
            let entries = section.entries.map(|n| format!(", entries: {n}")).unwrap_or_default();
            let range = &section.range;
            writeln!(out, "  {:>#10x} {:>10}  {kind}{}{entries}", range.start, range.len(), Quoted(section.name))?;
        }
        let imports = info.imports.iter().map(|i| (format!("{} {}", Quoted(&i.module), Quoted(&i.name)), info.entity_type(i.entity)));
        items(out, "imports", imports.collect())?;
        let exports = info.exports.iter().map(|e| (Quoted(&e.name).to_string(), info.entity_type(e.entity)));
        items(out, "exports", exports.collect())
    })
}

/// A compiled module has no sections that mean anything outside of this library.
fn compiled(args: &InspectArgs, bytes: &[u8]) -> Result<()> {
    let module = load::compiled(Config::new(), &args.file, bytes)?;
    let settings = &module.engine().config().tunables;
    to_stdout(|out| {
        let name = module.name().map(|n| format!(" `{n}`")).unwrap_or_default();
        let functions = module.info().num_defined_funcs();
        writeln!(out, "compiled module{name}: {} bytes, {functions} functions of its own", bytes.len())?;
        let fuel = if settings.fuel { "counts fuel" } else { "does not count fuel" };
        writeln!(out, "machine code: {} bytes, -O{}, {fuel}", module.code_range().1, settings.opt_level)?;
        let imports = module.imports().map(|i| (format!("{} {}", Quoted(i.module), Quoted(i.name)), i.ty));
        items(out, "imports", imports.collect())?;
        items(out, "exports", module.exports().map(|e| (Quoted(e.name).to_string(), e.ty)).collect())
    })
}

fn items(out: &mut dyn Write, title: &str, items: Vec<(String, ExternType)>) -> io::Result<()> {
    writeln!(out, "\n{title} ({})", items.len())?;
    items.iter().try_for_each(|(name, ty)| writeln!(out, "  {name}: {}", Shown(ty)))
}

/// A name that may hold anything, terminal controls included, as one word that does no harm.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || c.is_ascii_punctuation() && !"\"\\".contains(c);
        if !self.0.is_empty() && self.0.chars().all(plain) { f.write_str(self.0) } else { write!(f, "{:?}", self.0) }
    }
}

/// A type in the text format's words.
struct Shown<'a>(&'a ExternType);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = |min: u64, max: Option<u64>| max.map_or(format!("{min}"), |max| format!("{min} {max}"));
        match self.0 {
            ExternType::Func(ty) => write!(f, "{ty}"),
            ExternType::Tag(ty) => write!(f, "(tag {ty})"),
            ExternType::Table(TableType { element, min, max, .. }) => write!(f, "(table {} {element})", limits(*min, *max)),
            ExternType::Memory(MemoryType { min, max, shared, memory64, .. }) => {
                let (wide, shared) = (if *memory64 { "i64 " } else { "" }, if *shared { " shared" } else { "" });
                write!(f, "(memory {wide}{}{shared})", limits(*min, *max))
            }
            ExternType::Global(ty) if ty.mutable => write!(f, "(global (mut {}))", ty.content),
            ExternType::Global(ty) => write!(f, "(global {})", ty.content),
        }
    }
}
