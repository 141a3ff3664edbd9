//! Arrays.

use super::*;

/// Elements up to which filling an array in place beats a call.
const SHORT: i64 = 32;

impl Translator<'_, '_> {
    fn array_element(&self, ty: TypeIndex) -> FieldType {
        self.info().types[ty].fields()[0]
    }

    /// An array whose elements are not initialised; `len` has 32 bits.
    fn array_alloc(&mut self, ty: TypeIndex, len: Value) -> Value {
        let size = storage_size(self.array_element(ty).storage);
        let count = self.b.ins().uextend(I64, len);
        let bytes = self.b.ins().ishl_imm_u(count, i64::from(size.trailing_zeros()));
        let bytes = self.b.ins().iadd_imm_s(bytes, i64::from(ARRAY_DATA));
        let made = self.alloc_bytes(bytes);
        self.array_header(made, ty, len);
        made
    }

    fn array_header(&mut self, made: Value, ty: TypeIndex, len: Value) -> Object {
        let object = self.object(made);
        let id = self.type_id(ty);
        self.store_record(Region::GcHeader, id, object.address, OBJECT_TYPE);
        self.store_record(Region::GcHeader, len, object.address, ARRAY_LEN);
        object
    }

    pub(in crate::compile::translate) fn array_new(&mut self, ty: u32, default: bool) {
        let ty = TypeIndex(ty);
        let len = self.pop();
        let value = if default { None } else { Some(self.pop()) };
        let made = self.array_alloc(ty, len);
        let value = match value {
            Some(v) => v,
            None => self.zero(self.array_element(ty).storage.unpacked()),
        };
        self.fill_new(ty, made, len, value);
        self.push(made);
    }

    /// Fills a new array: in place if it is short.
    fn fill_new(&mut self, ty: TypeIndex, made: Value, len: Value, value: Value) {
        let element = self.array_element(ty);
        let flags = self.field_flags(&element, true, false);
        let size = i64::from(storage_size(element.storage));
        let (short, head, next) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let at = self.b.append_block_param(head, I64);
        let long = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, len, SHORT);
        self.cold_path(long, short, &[]);
        let zero = self.iconst(I32, 0);
        self.side_call(|t| t.fill(made, zero, len, value));
        self.b.ins().jump(next, &[]);
        self.b.seal_block(short);
        self.b.switch_to_block(short);
        let start = self.object(made).address;
        let count = self.b.ins().uextend(I64, len);
        let bytes = self.b.ins().ishl_imm_u(count, i64::from(size.trailing_zeros()));
        let end = self.b.ins().iadd(start, bytes);
        self.b.ins().brif(len, head, &[BlockArg::Value(start)], next, &[]);
        self.b.switch_to_block(head);
        self.store_field(&element, flags, value, at, ARRAY_DATA);
        let after = self.b.ins().iadd_imm_s(at, size);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, after, end);
        self.b.ins().brif(more, head, &[BlockArg::Value(after)], next, &[]);
        self.b.seal_block(head);
        self.b.seal_block(next);
        self.b.switch_to_block(next);
    }

    fn fill(&mut self, array: Value, at: Value, len: Value, value: Value) {
        let (low, high) = self.value_words(value);
        self.call_builtin(Builtin::ArrayFill, &[array, at, len, low, high]);
    }

    /// A value's bits as two words.
    fn value_words(&mut self, value: Value) -> (Value, Value) {
        let plain = MemFlagsData::new();
        let low = match self.type_of(value) {
            F32 => {
                let bits = self.b.ins().bitcast(I32, plain, value);
                self.b.ins().uextend(I64, bits)
            }
            F64 => self.b.ins().bitcast(I64, plain, value),
            I32 => self.b.ins().uextend(I64, value),
            I64 => value,
            _ => {
                let lanes = self.b.ins().bitcast(I64X2, plain.with_endianness(Endianness::Little), value);
                let low = self.b.ins().extractlane(lanes, 0);
                return (low, self.b.ins().extractlane(lanes, 1));
            }
        };
        (low, self.iconst(I64, 0))
    }

    pub(in crate::compile::translate) fn array_new_fixed(&mut self, ty: u32, len: u32) {
        let ty = TypeIndex(ty);
        let element = self.array_element(ty);
        let size = storage_size(element.storage);
        let bytes = u64::from(size) * u64::from(len) + ARRAY_DATA as u64;
        let made = match u32::try_from(bytes) {
            Ok(bytes) if bytes <= GC_INLINE_MAX => self.alloc_fixed((bytes + 7) & !7),
            _ => {
                let bytes = self.iconst(I64, bytes as i64);
                self.alloc_bytes(bytes)
            }
        };
        let count = self.iconst(I32, len.into());
        let object = self.array_header(made, ty, count);
        let first = self.stack.len() - len as usize;
        let flags = self.field_flags(&element, true, false);
        for i in 0..len {
            let value = self.stack[first + i as usize];
            self.store_field(&element, flags, value, object.address, ARRAY_DATA + (i * size) as i32);
        }
        self.stack.truncate(first);
        self.push(made);
    }

    /// `array.new_data`, `array.new_elem`.
    pub(in crate::compile::translate) fn array_new_segment(&mut self, builtin: Builtin, ty: u32, segment: u32) {
        let (from, len) = self.pop2();
        let (ty, segment) = (self.iconst(I32, ty.into()), self.iconst(I32, segment.into()));
        let made = self.builtin_value(builtin, &[ty, segment, from, len]);
        self.b.declare_value_needs_stack_map(made);
        self.push(made);
    }

    fn length(&mut self, object: Object) -> Value {
        let mut flags = self.record_flags(Region::GcHeader);
        if self.operand_nullable() {
            flags = flags.with_trap_code(Some(abi::trap_code(TrapCode::NullReference)));
        }
        self.b.ins().load(I32, flags, object.address, ARRAY_LEN)
    }

    pub(in crate::compile::translate) fn array_len(&mut self) {
        let array = self.pop();
        let object = self.object(array);
        let len = self.length(object);
        self.push(len);
    }

    /// The address of an element less [`ARRAY_DATA`], once it is known to exist.
    fn element_address(&mut self, array: Value, index: Value, element: &FieldType) -> Value {
        let object = self.object(array);
        let len = self.length(object);
        let out = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.trap_if(out, TrapCode::ArrayOutOfBounds);
        let index = self.b.ins().uextend(I64, index);
        let offset = self.b.ins().ishl_imm_u(index, i64::from(storage_size(element.storage).trailing_zeros()));
        self.b.ins().iadd(object.address, offset)
    }

    pub(in crate::compile::translate) fn array_get(&mut self, ty: u32, signed: bool) {
        let (array, index) = self.pop2();
        let element = self.array_element(TypeIndex(ty));
        let address = self.element_address(array, index, &element);
        let flags = self.field_flags(&element, true, false);
        self.load_field(&element, flags, address, ARRAY_DATA, signed);
    }

    pub(in crate::compile::translate) fn array_set(&mut self, ty: u32) {
        let (array, index, value) = self.pop3();
        let element = self.array_element(TypeIndex(ty));
        let address = self.element_address(array, index, &element);
        let flags = self.field_flags(&element, true, false);
        self.store_field(&element, flags, value, address, ARRAY_DATA);
    }

    pub(in crate::compile::translate) fn array_fill(&mut self) {
        let (at, value, len) = self.pop3();
        let array = self.pop();
        self.fill(array, at, len, value);
    }

    pub(in crate::compile::translate) fn array_copy(&mut self) {
        let (src, from, len) = self.pop3();
        let (dst, to) = self.pop2();
        self.call_builtin(Builtin::ArrayCopy, &[dst, to, src, from, len]);
    }

    /// `array.init_data`, `array.init_elem`.
    pub(in crate::compile::translate) fn array_init(&mut self, builtin: Builtin, segment: u32) {
        let (at, from, len) = self.pop3();
        let array = self.pop();
        let segment = self.iconst(I32, segment.into());
        self.call_builtin(builtin, &[array, at, segment, from, len]);
    }
}
