//! Entries of a type section: function, struct and array types and what they are declared to extend.

use super::types::{FuncType, ValType};
use serde::{Deserialize, Serialize};

/// One type with its place in the hierarchy. Concrete numbers, the supertype's included, are a module's or an engine's.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct SubType {
    /// No type may extend it.
    pub is_final: bool,
    pub supertype: Option<u32>,
    pub composite: CompositeType,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum CompositeType {
    Func(FuncType),
    Struct(StructType),
    Array(FieldType),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct StructType {
    pub fields: Box<[FieldType]>,
}

/// A field of a struct or the elements of an array.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct FieldType {
    pub storage: StorageType,
    pub mutable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum StorageType {
    I8,
    I16,
    Val(ValType),
}

impl StorageType {
    /// The type of a value that is read from it or written to it.
    pub fn unpacked(self) -> ValType {
        match self {
            StorageType::I8 | StorageType::I16 => ValType::I32,
            StorageType::Val(ty) => ty,
        }
    }
}

static NO_FUNC: std::sync::LazyLock<FuncType> = std::sync::LazyLock::new(FuncType::default);

impl SubType {
    /// The function type; one without parameters and results for structs and arrays, which validated code never asks for.
    pub fn func(&self) -> &FuncType {
        self.as_func().unwrap_or_else(|| &NO_FUNC)
    }

    pub fn as_func(&self) -> Option<&FuncType> {
        if let CompositeType::Func(ty) = &self.composite { Some(ty) } else { None }
    }

    pub fn as_struct(&self) -> Option<&StructType> {
        if let CompositeType::Struct(ty) = &self.composite { Some(ty) } else { None }
    }

    /// The elements of an array type.
    pub fn as_array(&self) -> Option<&FieldType> {
        if let CompositeType::Array(ty) = &self.composite { Some(ty) } else { None }
    }

    /// The fields of a struct, or the one kind of field that an array has.
    pub fn fields(&self) -> &[FieldType] {
        match &self.composite {
            CompositeType::Func(_) => &[],
            CompositeType::Struct(ty) => &ty.fields,
            CompositeType::Array(element) => core::slice::from_ref(element),
        }
    }

    /// The type with every type in it, and its supertype's number, replaced.
    pub fn map(&self, val: &mut dyn FnMut(ValType) -> ValType, number: &mut dyn FnMut(u32) -> u32) -> SubType {
        let mut field = |f: &FieldType| match f.storage {
            StorageType::Val(ty) => FieldType { storage: StorageType::Val(val(ty)), ..*f },
            _ => *f,
        };
        let composite = match &self.composite {
            CompositeType::Struct(ty) => CompositeType::Struct(StructType { fields: ty.fields.iter().map(field).collect() }),
            CompositeType::Array(element) => CompositeType::Array(field(element)),
            CompositeType::Func(ty) => {
                let params = ty.params.iter().map(|t| val(*t)).collect();
                CompositeType::Func(FuncType { params, results: ty.results.iter().map(|t| val(*t)).collect() })
            }
        };
        SubType { is_final: self.is_final, supertype: self.supertype.map(number), composite }
    }
}

/// A final type that extends nothing.
impl From<FuncType> for SubType {
    fn from(ty: FuncType) -> SubType {
        SubType { is_final: true, supertype: None, composite: CompositeType::Func(ty) }
    }
}
