//! Libwasmtime as a second oracle, which knows objects, exceptions and everything else that Tenon has on.
//!
//! `TENON_FUZZ_LIBWASMTIME` names its shared library; without it there is none. It runs in a process of its own, `peer.c`, so
//! that neither symbols nor handlers of signals meet.

use super::observe::{Call, End, Observed, Plan, Value, hash};
use crate::campaign::root;
use std::io::{BufReader, BufWriter, Error, ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tenon::base::TrapCode;
use tenon::wasm::{RefFamily, ValType};

pub struct Peer {
    program: PathBuf,
    child: Child,
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Peer {
    /// The peer, if its library is named.
    pub fn new() -> Option<Peer> {
        let library = std::env::var_os("TENON_FUZZ_LIBWASMTIME").filter(|name| !name.is_empty())?;
        Some(Peer::start(build(Path::new(&library))))
    }

    fn start(program: PathBuf) -> Peer {
        let child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("{}: {e}", program.display()));
        let to = BufWriter::new(child.stdin.take().expect("a pipe"));
        let from = BufReader::new(child.stdout.take().expect("a pipe"));
        Peer { program, child, to, from }
    }

    /// What the module does; `None` if libwasmtime refuses it or breaks.
    pub fn observe(&mut self, wasm: &[u8], plan: &Plan) -> Option<Observed> {
        self.ask(wasm, plan).unwrap_or_else(|e| {
            let ended = self.child.kill().and_then(|()| self.child.wait());
            eprintln!("libwasmtime broke: {e}, {ended:?}");
            *self = Peer::start(self.program.clone());
            None
        })
    }

    fn ask(&mut self, wasm: &[u8], plan: &Plan) -> Result<Option<Observed>> {
        self.put_bytes(wasm)?;
        self.put_count(plan.calls.len())?;
        for call in &plan.calls {
            self.put_call(call)?;
        }
        self.to.flush()?;
        let mut seen = Observed::default();
        if let End::Refused(_) = self.compiled()? {
            return Ok(None);
        }
        let lives = self.step(&mut seen)?;
        for _ in plan.calls.iter().filter(|_| lives) {
            self.step(&mut seen)?;
        }
        if lives {
            self.remains(&mut seen)?;
        }
        Ok(Some(seen))
    }

    fn put_count(&mut self, count: usize) -> Result<()> {
        self.to.write_all(&(count as u32).to_le_bytes())
    }

    fn put_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.put_count(bytes.len())?;
        self.to.write_all(bytes)
    }

    fn put_call(&mut self, call: &Call) -> Result<()> {
        self.put_bytes(call.name.as_bytes())?;
        self.put_count(call.args.len())?;
        self.put_count(call.results)?;
        for (value, ty) in call.args.iter().zip(&call.params) {
            let (kind, bits) = match *value {
                Value::I32(v) => (0, v.into()),
                Value::I64(v) => (1, v.into()),
                Value::F32(v) => (2, v.into()),
                Value::F64(v) => (3, v.into()),
                Value::V128(v) => (4, v),
                Value::Null | Value::Reference => (family(*ty), 0),
            };
            self.to.write_all(&[kind])?;
            self.to.write_all(&u128::to_le_bytes(bits))?;
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte).map(|()| byte[0])
    }

    fn count(&mut self) -> Result<usize> {
        let mut bytes = [0; 4];
        self.from.read_exact(&mut bytes).map(|()| u32::from_le_bytes(bytes) as usize)
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.count()?];
        self.from.read_exact(&mut bytes).map(|()| bytes)
    }

    fn value(&mut self, kind: u8) -> Result<Value> {
        let mut bits = [0; 16];
        self.from.read_exact(&mut bits)?;
        let bits = u128::from_le_bytes(bits);
        Ok(match kind {
            0 => Value::I32(bits as u32),
            1 => Value::I64(bits as u64),
            2 => Value::F32(bits as u32),
            3 => Value::F64(bits as u64),
            4 => Value::V128(bits),
            16 => Value::Null,
            17 => Value::Reference,
            other => return Err(Error::new(ErrorKind::InvalidData, format!("a value of kind {other}"))),
        })
    }

    fn compiled(&mut self) -> Result<End> {
        match self.byte()? {
            0 => Ok(End::Values(Vec::new())),
            _ => Ok(End::Refused(String::from_utf8_lossy(&self.bytes()?).into_owned())),
        }
    }

    fn end(&mut self) -> Result<End> {
        Ok(match self.byte()? {
            0 => {
                let count = self.count()?;
                let values: Result<Vec<Value>> = (0..count).map(|_| self.byte().and_then(|kind| self.value(kind))).collect();
                End::Values(values?)
            }
            1 => end_of_trap(self.byte()?),
            2 => End::Exception,
            _ => End::Refused(String::from_utf8_lossy(&self.bytes()?).into_owned()),
        })
    }

    /// How a step ended, and the globals behind it; whether there is an instance if it was the first.
    fn step(&mut self, seen: &mut Observed) -> Result<bool> {
        let end = self.end()?;
        let lives = !seen.ends.is_empty() || matches!(end, End::Values(_));
        seen.ends.push(end);
        if lives {
            let mut globals = Vec::new();
            while let kind @ 0..=0xfe = self.byte()? {
                globals.push(self.value(kind)?);
            }
            seen.globals.push(globals);
        }
        Ok(lives)
    }

    fn remains(&mut self, seen: &mut Observed) -> Result<()> {
        while let kind @ 0..=0xfe = self.byte()? {
            let bytes = self.bytes()?;
            if kind == 3 {
                seen.memories.push((bytes.len() as u64, hash(&bytes)));
            } else {
                seen.tables.push(bytes.into_iter().map(|there| there != 0).collect());
            }
        }
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn family(ty: ValType) -> u8 {
    match ty {
        ValType::Ref(r) => match r.heap.family() {
            RefFamily::Func => 5,
            RefFamily::Extern => 6,
            RefFamily::Any => 7,
            RefFamily::Exn => 8,
        },
        other => panic!("a null for a {other:?}"),
    }
}

fn end_of_trap(code: u8) -> End {
    match TrapCode::from_u8(code) {
        None | Some(TrapCode::StackOverflow | TrapCode::AllocationTooLarge) => End::Exhausted,
        Some(code) => End::Trap(code.as_u8()),
    }
}

/// Compiles the program and links it with that library. Each process has its own, as several may start at once.
fn build(library: &Path) -> PathBuf {
    let library = library.canonicalize().unwrap_or_else(|e| panic!("TENON_FUZZ_LIBWASMTIME={}: {e}", library.display()));
    let folder = root().join("target/peers");
    std::fs::create_dir_all(&folder).expect("target/ can be written");
    let (made, partial) = (folder.join("libwasmtime-peer"), folder.join(format!("libwasmtime-peer.{}", std::process::id())));
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-I"]).arg(root().join("include"));
    cc.arg(root().join("tests/support/differential/peer.c")).arg(&library).arg("-lpthread");
    cc.arg(format!("-Wl,-rpath,{}", library.parent().expect("a folder").display())).arg("-o").arg(&partial);
    let out = cc.output().expect("cc");
    assert!(out.status.success(), "peer.c: {}", String::from_utf8_lossy(&out.stderr));
    std::fs::rename(&partial, &made).expect("target/ can be written");
    made
}
