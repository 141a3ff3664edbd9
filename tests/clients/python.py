"""Uses the Python binding of libwasmtime, whatever library is below it, and prints what it sees.

tests/clients/python.sh runs it with the binding's own library and with ours, and compares.
"""

import os
import tempfile
import threading

import wasmtime as w

count = 0


def check(name, value):
    global count
    count += 1
    print(f"{count:2} {name}: {value}")


def failure(run):
    """The kind and the text of what `run` raises."""
    try:
        return f"no failure, {run()!r}"
    except (w.Trap, w.WasmtimeError, w.ExitTrap) as e:
        return f"{type(e).__name__}: {str(e)!r}"
    except Exception as e:
        return f"{type(e).__name__}"


def instance(text, imports=(), store=None):
    store = store or w.Store()
    return store, w.Instance(store, w.Module(store.engine, text), imports)


def engine():
    config = w.Config()
    config.consume_fuel = True
    eng = w.Engine(config)
    store = w.Store(eng)
    check("fuel of a new store", store.get_fuel())
    store.set_fuel(1000)
    _, i = instance("""(module (func (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
          (else (i32.add (call 0 (i32.sub (local.get 0) (i32.const 1)))
                         (call 0 (i32.sub (local.get 0) (i32.const 2))))))))""", store=store)
    fib = i.exports(store)["fib"]
    for n in (1, 2, 3, 7):
        before = store.get_fuel()
        fib(store, n)
        check(f"fuel of fib({n})", before - store.get_fuel())
    check("out of fuel", failure(lambda: fib(store, 30)))
    check("fuel is off", failure(lambda: w.Store().set_fuel(1)))

    config = w.Config()
    config.epoch_interruption = True
    store = w.Store(w.Engine(config))
    store.set_epoch_deadline(1)
    _, i = instance('(module (func (export "spin") (loop br 0)))', store=store)
    timer = threading.Timer(0.1, store.engine.increment_epoch)
    timer.start()
    text = failure(lambda: i.exports(store)["spin"](store))
    timer.join()
    check("interrupted", "interrupt" in text)
    store = w.Store()
    store.set_limits(memory_size=1 << 16)
    check("limits", failure(lambda: w.Memory(store, w.MemoryType(w.Limits(2, None)))))


def modules():
    eng = w.Engine()
    check("wat", bytes(w.wat2wasm("(module)")).hex())
    check("bad text", failure(lambda: w.wat2wasm("(module (nope))")).split("\\n")[0])
    check("bad bytes", failure(lambda: w.Module(eng, b"abcdefgh")))
    check("invalid", "type mismatch: expected i32 but nothing on stack" in failure(
        lambda: w.Module(eng, "(module (func (result i32)))")))
    m = w.Module(eng, """(module (import "a" "f" (func (param i32 i64) (result f32)))
        (import "a" "m" (memory 1 2)) (import "" "g" (global (mut f64))) (import "a" "t" (table 3 funcref))
        (func (export "x") (result externref) ref.null extern)
        (memory (export "y") 4) (global (export "z") i32 i32.const 3))""")
    for i in m.imports:
        check(f"import {i.module}.{i.name}", type(i.type).__name__)
    f = m.imports[0].type
    check("signature", ([str(t) for t in f.params], [str(t) for t in f.results]))
    check("limits of a memory", (m.imports[1].type.limits.min, m.imports[1].type.limits.max))
    check("exports", [(e.name, type(e.type).__name__) for e in m.exports])
    back = w.Module.deserialize(eng, m.serialize())
    check("serialized", [e.name for e in back.exports])
    check("validate", failure(lambda: w.Module.validate(eng, b"\0asm\x01\0\0\0")))


def linker():
    eng = w.Engine()
    store, lib = w.Store(eng), None
    link = w.Linker(eng)
    seen = []
    link.define_func("host", "log", w.FuncType([w.ValType.i32()], []), seen.append)
    again = lambda: link.define_func("host", "log", w.FuncType([w.ValType.i32()], []), seen.append)
    check("defined twice", failure(again))
    link.allow_shadowing = True
    check("shadowed", failure(again))
    m = w.Module(eng, '(module (import "host" "log" (func (param i32))) (func (export "run") i32.const 7 call 0))')
    i = link.instantiate(store, m)
    i.exports(store)["run"](store)
    check("host call", seen)
    check("unknown import", failure(lambda: link.instantiate(store, w.Module(eng, '(module (import "q" "w" (func)))'))))
    check("wrong type", failure(lambda: link.instantiate(
        store, w.Module(eng, '(module (import "host" "log" (func (param i64))))'))))
    link.define_instance(store, "lib", i)
    check("linker get", type(link.get(store, "lib", "run")).__name__)
    check("linker get nothing", failure(lambda: link.get(store, "lib", "nope")))
    check("default of nothing", failure(lambda: link.get_default(store, "nope")(store)))


def functions():
    store, i = instance("""(module
        (func (export "swap") (param i32 i64) (result i64 i32) local.get 1 local.get 0)
        (func (export "floats") (param f32 f64) (result f64) local.get 0 f64.promote_f32 local.get 1 f64.add)
        (func (export "div") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)
        (func (export "deep") call 3))""")
    e = i.exports(store)
    check("multi-value", e["swap"](store, -1, 1 << 40))
    check("floats", e["floats"](store, 1.5, 2.25))
    check("too few", failure(lambda: e["swap"](store, 1)))
    check("bad argument", failure(lambda: e["swap"](store, "x", 1)))
    check("division by zero", failure(lambda: e["div"](store, 1, 0)))
    check("overflow", failure(lambda: e["div"](store, -(1 << 31), -1)))
    check("stack overflow", "call stack exhausted" in failure(lambda: e["deep"](store)))
    double = w.Func(store, w.FuncType([w.ValType.i32()], [w.ValType.i32()]), lambda x: 2 * x)
    check("host function", double(store, 21))
    wrong = w.Func(store, w.FuncType([], [w.ValType.i32()]), lambda: "x")
    check("wrong result", failure(lambda: wrong(store)))
    access = w.Func(store, w.FuncType([], [w.ValType.i32()]), lambda c: c.get("m") is None, access_caller=True)
    check("caller from the host", access(store))

    def raise_it():
        raise ValueError("from the host")
    bad = w.Func(store, w.FuncType([], []), raise_it)
    check("exception in the host", failure(lambda: bad(store)))


def memories():
    store = w.Store()
    m = w.Memory(store, w.MemoryType(w.Limits(1, 3)))
    check("size", (m.size(store), m.data_len(store)))
    m.write(store, b"hello", 10)
    check("bytes", bytes(m.read(store, 8, 17)))
    check("grow", m.grow(store, 1))
    check("grow too far", failure(lambda: m.grow(store, 70000)))
    check("type", (m.type(store).limits.min, m.type(store).limits.max, m.type(store).is_64))
    _, i = instance("""(module (import "" "m" (memory 1))
        (func (export "get") (param i32) (result i32) local.get 0 i32.load8_u))""", [m], store)
    get = i.exports(store)["get"]
    check("guest sees", get(store, 11))
    check("out of bounds", failure(lambda: get(store, 1 << 20)))


def tables_and_globals():
    store = w.Store()
    f = w.Func(store, w.FuncType([], [w.ValType.i32()]), lambda: 5)
    t = w.Table(store, w.TableType(w.ValType.funcref(), w.Limits(2, 4)), None)
    check("table size", t.size(store))
    check("null element", t.get(store, 0) is None or t.get(store, 0).value is None)
    t.set(store, 1, f)
    check("function element", t.get(store, 1)(store))
    check("set beyond", failure(lambda: t.set(store, 9, f)))
    check("get beyond", failure(lambda: t.get(store, 9)))
    check("table grow", (t.grow(store, 2, f), t.size(store)))
    check("table grow too far", failure(lambda: t.grow(store, 2, f)))
    _, i = instance("""(module (import "" "t" (table 1 funcref)) (type $t (func (result i32)))
        (func (export "call") (param i32) (result i32) local.get 0 call_indirect (type $t)))""", [t], store)
    call = i.exports(store)["call"]
    check("indirect", call(store, 1))
    check("indirect null", failure(lambda: call(store, 0)))
    check("indirect beyond", failure(lambda: call(store, 44)))
    g = w.Global(store, w.GlobalType(w.ValType.i64(), True), 9)
    g.set_value(store, -3)
    check("global", g.value(store))
    c = w.Global(store, w.GlobalType(w.ValType.f64(), False), 1.5)
    check("constant", (c.value(store), c.type(store).mutable))
    check("set constant", failure(lambda: c.set_value(store, 2.0)))


def references():
    store, i = instance("""(module (table (export "t") 2 externref)
        (global (export "g") (mut externref) (ref.null extern))
        (func (export "id") (param externref) (result externref) local.get 0)
        (func (export "null") (param externref) (result i32) local.get 0 ref.is_null)
        (func (export "func") (result funcref) ref.func 0) (elem declare func 0))""")
    e = i.exports(store)
    thing = {"a": 1}
    check("same object", e["id"](store, thing) is thing)
    check("null", (e["id"](store, None), e["null"](store, None), e["null"](store, thing)))
    e["t"].set(store, 1, "text")
    check("in a table", (type(e["t"].get(store, 0)).__name__, e["t"].get(store, 1)))
    e["g"].set_value(store, 42)
    check("in a global", e["g"].value(store))
    check("funcref", e["func"](store)(store, thing) is thing)


WASI = """(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "hello wasi\\n")
    (func (export "args") (result i32) (drop (call $sizes (i32.const 40) (i32.const 44))) (i32.load (i32.const 40)))
    (func (export "exit") (param i32) (call $exit (local.get 0)))
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 11))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20)))))"""


def wasi():
    eng = w.Engine()
    link = w.Linker(eng)
    link.define_wasi()
    store = w.Store(eng)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out")
        config = w.WasiConfig()
        config.argv = ["a", "b", "c"]
        config.env = [["k", "v"]]
        config.stdout_file = path
        store.set_wasi(config)
        i = link.instantiate(store, w.Module(eng, WASI))
        e = i.exports(store)
        e["_start"](store)
        check("standard output", open(path, "rb").read())
        check("arguments", e["args"](store))
        for code in (0, 1, 3):
            try:
                e["exit"](store, code)
            except w.ExitTrap as exit:
                check(f"exit {code}", (exit.code, str(exit).split("\n")[-2:]))
        bad = w.WasiConfig()
        check("no such input", failure(lambda: setattr(bad, "stdin_file", os.path.join(folder, "nope"))))


def traps():
    store, = (w.Store(),)
    m = w.Module(store.engine, """(module $named (func $inner unreachable) (func $mid call $inner)
        (func (export "run") call $mid))""")
    i = w.Instance(store, m, [])
    try:
        i.exports(store)["run"](store)
    except w.Trap as t:
        check("trap", str(t))
        check("trap code", t.trap_code)
        for f in t.frames:
            check("frame", (f.func_index, f.func_name, f.module_name, f.func_offset, f.module_offset))
    check("own trap", str(w.Trap("mine")))
    check("trap in start", failure(lambda: w.Instance(
        store, w.Module(store.engine, "(module (func unreachable) (start 0))"), [])))
    check("few imports", failure(lambda: w.Instance(
        store, w.Module(store.engine, '(module (import "a" "b" (func)))'), [])))


def threads():
    eng = w.Engine()
    m = w.Module(eng, '(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))')
    sums = [0] * 8

    def work(n):
        store = w.Store(eng)
        add = w.Instance(store, m, []).exports(store)["add"]
        for k in range(500):
            sums[n] = add(store, sums[n], k)
    workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    [t.start() for t in workers]
    [t.join() for t in workers]
    check("threads", sums)
    config = w.Config()
    config.wasm_threads = True
    config.shared_memory = True
    eng = w.Engine(config)
    shared = w.SharedMemory(eng, w.MemoryType(w.Limits(1, 2), shared=True))
    check("shared memory", type(shared).__name__)
    store, i = instance("""(module (memory (export "m") 1 2 shared)
        (func (export "add") (param i32) (result i32) i32.const 8 local.get 0 i32.atomic.rmw.add))""", store=w.Store(eng))
    e = i.exports(store)
    check("atomics", (e["add"](store, 5), e["add"](store, 6), type(e["m"]).__name__))


for part in (engine, modules, linker, functions, memories, tables_and_globals, references, wasi, traps, threads):
    try:
        print(f"-- {part.__name__}")
        part()
    except Exception as e:
        print(f"{part.__name__} fails: {type(e).__name__}: {e}")
print(f"{count} checks")
