//! Initialisers: constant expressions and segments.

use super::convert::{heap_type, ref_type};
use super::module::*;
use super::read::{ParsedModule, invalid};
use super::types::RefType;
use crate::base::cast::to_u32;
use crate::base::index::*;
use crate::base::{Error, ErrorKind, Result};
use wasmparser::{Data, DataKind, Element, ElementItems, ElementKind, Operator};

/// Reads an expression that the validator has accepted, and notes the functions it refers to.
pub(super) fn const_expr(m: &mut ParsedModule<'_>, expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr> {
    let mut ops = Vec::new();
    for op in expr.get_operators_reader() {
        if let Some(op) = const_op(m, &op.map_err(invalid)?)? {
            if let ConstOp::RefFunc(f) = op {
                m.func_escapes(f);
            }
            ops.push(op);
        }
    }
    Ok(ConstExpr(ops))
}

fn const_op(m: &ParsedModule<'_>, op: &Operator<'_>) -> Result<Option<ConstOp>> {
    Ok(Some(match *op {
        Operator::End | Operator::AnyConvertExtern | Operator::ExternConvertAny => return Ok(None),
        Operator::I32Const { value } => ConstOp::I32(value),
        Operator::I64Const { value } => ConstOp::I64(value),
        Operator::F32Const { value } => ConstOp::F32(value.bits()),
        Operator::F64Const { value } => ConstOp::F64(value.bits()),
        Operator::V128Const { value } => ConstOp::V128(u128::from_le_bytes(*value.bytes())),
        Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIndex(global_index)),
        Operator::RefNull { hty } => ConstOp::RefNull(heap_type(&m.info.types, hty)?),
        Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIndex(function_index)),
        Operator::I32Add => ConstOp::I32Add,
        Operator::I32Sub => ConstOp::I32Sub,
        Operator::I32Mul => ConstOp::I32Mul,
        Operator::I64Add => ConstOp::I64Add,
        Operator::I64Sub => ConstOp::I64Sub,
        Operator::I64Mul => ConstOp::I64Mul,
        Operator::StructNew { struct_type_index: ty } => ConstOp::StructNew(TypeIndex(ty)),
        Operator::StructNewDefault { struct_type_index: ty } => ConstOp::StructNewDefault(TypeIndex(ty)),
        Operator::ArrayNew { array_type_index: ty } => ConstOp::ArrayNew(TypeIndex(ty)),
        Operator::ArrayNewDefault { array_type_index: ty } => ConstOp::ArrayNewDefault(TypeIndex(ty)),
        Operator::ArrayNewFixed { array_type_index: ty, array_size } => ConstOp::ArrayNewFixed(TypeIndex(ty), array_size),
        Operator::RefI31 => ConstOp::RefI31,
        ref other => {
            let text = format!("constant operator {other:?} is not supported by this library");
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
    }))
}

pub(super) fn element(m: &mut ParsedModule<'_>, e: Element<'_>) -> Result<()> {
    let mode = match e.kind {
        ElementKind::Passive => SegmentMode::Passive,
        ElementKind::Declared => SegmentMode::Declared,
        ElementKind::Active { table_index, offset_expr } => SegmentMode::Active {
            target: TableIndex(table_index.unwrap_or(0)),
            offset: const_expr(m, &offset_expr)?,
        },
    };
    let (element, items) = match e.items {
        ElementItems::Functions(funcs) => {
            let funcs: Vec<FuncIndex> =
                funcs.into_iter().map(|f| f.map(FuncIndex).map_err(invalid)).collect::<Result<_>>()?;
            funcs.iter().for_each(|&f| m.func_escapes(f));
            (RefType::FUNCREF, ElemItems::Funcs(funcs))
        }
        ElementItems::Expressions(ty, exprs) => {
            let exprs = exprs.into_iter().map(|x| const_expr(m, &x.map_err(invalid)?)).collect::<Result<Vec<_>>>()?;
            (ref_type(&m.info.types, ty)?, plain_funcs(exprs))
        }
    };
    m.info.elems.push(ElemSegment { element, mode, items });
    Ok(())
}

/// Expressions that are all `ref.func` are kept in the short form.
fn plain_funcs(exprs: Vec<ConstExpr>) -> ElemItems {
    let func = |e: &ConstExpr| match e.0[..] {
        [ConstOp::RefFunc(f)] => Some(f),
        _ => None,
    };
    match exprs.iter().map(func).collect::<Option<Vec<_>>>() {
        Some(funcs) => ElemItems::Funcs(funcs),
        None => ElemItems::Exprs(exprs),
    }
}

pub(super) fn data<'a>(m: &mut ParsedModule<'a>, d: Data<'a>) -> Result<()> {
    let mode = match d.kind {
        DataKind::Passive => SegmentMode::Passive,
        DataKind::Active { memory_index, offset_expr } => {
            SegmentMode::Active { target: MemoryIndex(memory_index), offset: const_expr(m, &offset_expr)? }
        }
    };
    let start = m.data_len;
    m.data_len = start
        .checked_add(to_u32(d.data.len(), "size of a data segment")?)
        .ok_or_else(|| Error::new(ErrorKind::Limit, "data segments exceed 4 GiB"))?;
    m.data.push(d.data);
    m.info.datas.push(DataSegment { mode, bytes: start..m.data_len });
    Ok(())
}
