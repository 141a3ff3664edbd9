//! Where the sections of a binary module are, for those who look into files.

use super::read::{check_preamble, invalid};
use crate::base::Result;
use core::ops::Range;
use wasmparser::{Parser, Payload};

/// One section of a binary module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SectionInfo<'a> {
    /// As the specification calls it; a custom section's own name.
    pub name: &'a str,
    pub custom: bool,
    /// Offsets of its contents in the module, the section's header left out.
    pub range: Range<usize>,
    /// How many entries it has, where it is a list of such.
    pub entries: Option<u32>,
}

/// The sections of a binary module, in order. Nothing but their framing is checked.
pub fn sections(bytes: &[u8]) -> Result<Vec<SectionInfo<'_>>> {
    check_preamble(bytes)?;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        found.extend(section(&payload.map_err(invalid)?));
    }
    Ok(found)
}

fn section<'a>(payload: &Payload<'a>) -> Option<SectionInfo<'a>> {
    use Payload::*;
    let plain = |name, range: Range<_>, entries| {
        Some(SectionInfo { name, custom: false, range: range.start as usize..range.end as usize, entries })
    };
    match payload {
        TypeSection(s) => plain("type", s.range(), Some(s.count())),
        ImportSection(s) => plain("import", s.range(), Some(s.count())),
        FunctionSection(s) => plain("function", s.range(), Some(s.count())),
        TableSection(s) => plain("table", s.range(), Some(s.count())),
        MemorySection(s) => plain("memory", s.range(), Some(s.count())),
        TagSection(s) => plain("tag", s.range(), Some(s.count())),
        GlobalSection(s) => plain("global", s.range(), Some(s.count())),
        ExportSection(s) => plain("export", s.range(), Some(s.count())),
        StartSection { range, .. } => plain("start", range.clone(), None),
        ElementSection(s) => plain("element", s.range(), Some(s.count())),
        DataCountSection { range, .. } => plain("data count", range.clone(), None),
        CodeSectionStart { unchecked_range, count, .. } => plain("code", unchecked_range.clone(), Some(*count)),
        DataSection(s) => plain("data", s.range(), Some(s.count())),
        CustomSection(s) => plain(s.name(), s.range(), None).map(|found| SectionInfo { custom: true, ..found }),
        _ => None,
    }
}
