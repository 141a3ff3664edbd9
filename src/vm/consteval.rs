//! Constant expressions: initial values of globals, offsets of segments, elements.

use super::Instance;
use super::gc::Heap;
use crate::base::index::TypeIndex;
use crate::base::{Error, Result};
use crate::layout::*;
use crate::wasm::{ConstExpr, ConstOp, FieldType, StorageType, ValType};
use smallvec::SmallVec;

/// The expression's value in `instance`, whose earlier globals are set.
pub(super) fn eval(instance: &Instance, e: &ConstExpr) -> Result<ValRaw> {
    let mut m = Machine { instance, stack: SmallVec::new() };
    for op in &e.0 {
        let value = m.step(op)?;
        m.stack.push(value);
    }
    Ok(m.pop()?.value)
}

/// A value, and whether the collector has to know it.
#[derive(Clone, Copy)]
struct Operand {
    value: ValRaw,
    is_ref: bool,
}

impl From<ValRaw> for Operand {
    fn from(value: ValRaw) -> Operand {
        Operand { value, is_ref: false }
    }
}

fn reference(raw: u32) -> Operand {
    Operand { value: ValRaw::from_u32(raw), is_ref: true }
}

struct Machine<'a> {
    instance: &'a Instance,
    stack: SmallVec<[Operand; 4]>,
}

impl Machine<'_> {
    fn step(&mut self, op: &ConstOp) -> Result<Operand> {
        Ok(match op {
            ConstOp::I32(x) => ValRaw::from_i32(*x).into(),
            ConstOp::I64(x) => ValRaw::from_i64(*x).into(),
            ConstOp::F32(bits) => ValRaw::from_u32(*bits).into(),
            ConstOp::F64(bits) => ValRaw::from_u64(*bits).into(),
            ConstOp::V128(x) => ValRaw::from_v128(*x).into(),
            ConstOp::GlobalGet(g) => {
                let is_ref = self.instance.info().globals[*g].ty.content.is_gc_ref();
                Operand { value: self.instance.get_global_raw(*g), is_ref }
            }
            ConstOp::RefNull(_) => ValRaw::ZERO.into(),
            ConstOp::RefFunc(f) => ValRaw::from_u64(self.instance.func(*f).to_raw()).into(),
            ConstOp::RefI31 => ValRaw::from_u32((self.pop()?.value.u32() << 1) | REF_I31_BIT).into(),
            ConstOp::I32Add => self.binary(|a, b| ValRaw::from_i32(a.i32().wrapping_add(b.i32())))?,
            ConstOp::I32Sub => self.binary(|a, b| ValRaw::from_i32(a.i32().wrapping_sub(b.i32())))?,
            ConstOp::I32Mul => self.binary(|a, b| ValRaw::from_i32(a.i32().wrapping_mul(b.i32())))?,
            ConstOp::I64Add => self.binary(|a, b| ValRaw::from_i64(a.i64().wrapping_add(b.i64())))?,
            ConstOp::I64Sub => self.binary(|a, b| ValRaw::from_i64(a.i64().wrapping_sub(b.i64())))?,
            ConstOp::I64Mul => self.binary(|a, b| ValRaw::from_i64(a.i64().wrapping_mul(b.i64())))?,
            ConstOp::StructNew(ty) => self.new_struct(*ty, false)?,
            ConstOp::StructNewDefault(ty) => self.new_struct(*ty, true)?,
            ConstOp::ArrayNew(ty) => {
                let len = self.pop()?.value.u32();
                self.new_array(*ty, len, false)?
            }
            ConstOp::ArrayNewDefault(ty) => {
                let len = self.pop()?.value.u32();
                self.stack.push(ValRaw::ZERO.into());
                self.new_array(*ty, len, false)?
            }
            ConstOp::ArrayNewFixed(ty, len) => self.new_array(*ty, *len, true)?,
        })
    }

    fn pop(&mut self) -> Result<Operand> {
        self.stack.pop().ok_or_else(|| Error::internal("a constant expression ran out of operands"))
    }

    fn binary(&mut self, f: fn(ValRaw, ValRaw) -> ValRaw) -> Result<Operand> {
        let b = self.pop()?;
        let a = self.pop()?;
        Ok(f(a.value, b.value).into())
    }

    /// Allocates while the operands' references are held, which the allocation may move.
    fn alloc(&mut self, heap: &Heap, bytes: u64) -> Result<u32> {
        let mut held: SmallVec<[(usize, u32); 4]> = SmallVec::new();
        for (i, operand) in self.stack.iter().enumerate().filter(|(_, o)| o.is_ref) {
            if let Some(handle) = heap.externs().hold(operand.value.u32())? {
                held.push((i, handle));
            }
        }
        let made = heap.alloc(bytes);
        for (i, handle) in held {
            self.stack[i].value = ValRaw::from_u32(heap.externs().raw(handle));
            heap.externs().unroot(handle);
        }
        made
    }

    fn new_struct(&mut self, ty: TypeIndex, default: bool) -> Result<Operand> {
        let instance = self.instance;
        let (id, row) = instance.type_row(ty);
        let fields = instance.info().types[ty].fields();
        let heap = instance.heap()?;
        if default {
            self.stack.extend(fields.iter().map(|_| Operand::from(ValRaw::ZERO)));
        }
        let made = self.alloc(heap, row.size.into())?;
        heap.write(made, OBJECT_TYPE as u32, 4, id.0.into())?;
        let offsets = instance.info().types[ty].as_struct().map(|s| StructLayout::new(s).offsets).unwrap_or_default();
        for (field, offset) in fields.iter().zip(&offsets).rev() {
            store(heap, made, *offset, field, self.pop()?.value)?;
        }
        Ok(reference(made))
    }

    /// Takes one operand for all elements, or `fixed` ones.
    fn new_array(&mut self, ty: TypeIndex, len: u32, fixed: bool) -> Result<Operand> {
        let instance = self.instance;
        let (id, row) = instance.type_row(ty);
        let heap = instance.heap()?;
        let made = self.alloc(heap, Heap::array_bytes(row.size, len))?;
        heap.write(made, OBJECT_TYPE as u32, 8, u128::from(id.0) | u128::from(len) << 32)?;
        let element = instance.info().types[ty].fields().first().copied();
        let element = element.ok_or_else(|| Error::internal("array.new of a type that is no array"))?;
        if fixed {
            for i in (0..len).rev() {
                store(heap, made, ARRAY_DATA as u32 + i * row.size, &element, self.pop()?.value)?;
            }
        } else {
            let value = widened(self.pop()?.value, &element);
            heap.array_fill(made, 0, len, value).map_err(Error::trap)?;
        }
        Ok(reference(made))
    }
}

/// The bytes of a value as far as a field has them.
fn widened(value: ValRaw, field: &FieldType) -> u128 {
    match field.storage {
        StorageType::Val(ValType::V128) => value.v128(),
        _ => value.u64().into(),
    }
}

fn store(heap: &Heap, object: u32, offset: u32, field: &FieldType, value: ValRaw) -> Result<()> {
    heap.write(object, offset, storage_size(field.storage), widened(value, field))
}
