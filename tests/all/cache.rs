//! The cache of compiled modules: found again by other engines and processes, never trusted, never in the way.

use crate::common::Guest;
use crate::native::{library_dir, scratch};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};
use tenon::base::ErrorKind;
use tenon::runtime::{Cache, CacheSettings, Config, Engine};

const WAT: &str = r#"(module (memory 1) (func (export "f") (param i32) (result i32)
    (i32.add (local.get 0) (i32.load (i32.const 0)))))"#;

fn settings(dir: &Path) -> CacheSettings {
    CacheSettings::at(dir)
}

fn engine(cache: &Cache, change: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    config.cache = Some(cache.clone());
    change(&mut config);
    Engine::new(&config).expect("an engine with a cache")
}

/// Compiles and runs a module that returns its argument.
fn use_it(engine: &Engine, wat: &str) {
    assert_eq!(Guest::on(engine, wat).i32("f", &[7]), 7);
}

fn entries(cache: &Cache) -> Vec<PathBuf> {
    let files = fs::read_dir(cache.folder()).expect("the folder").flatten().map(|f| f.path());
    let mut all: Vec<PathBuf> =
        files.filter(|p| !p.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'))).collect();
    all.sort();
    all
}

/// Hits, misses, failures.
fn counts(cache: &Cache) -> [u64; 3] {
    [cache.hits(), cache.misses(), cache.failures()]
}

/// A different module per number.
fn numbered(n: u64) -> String {
    format!(r#"(module (func (export "f") (param i32) (result i32) (drop (i64.const {n})) (local.get 0)))"#)
}

#[test]
fn what_was_compiled_once_is_found_again() {
    let dir = scratch("cache-hits");
    let cache = Cache::new(settings(&dir)).expect("a cache");
    use_it(&engine(&cache, |_| {}), WAT);
    assert_eq!(counts(&cache), [0, 1, 0]);
    use_it(&engine(&cache, |_| {}), WAT);
    assert_eq!(counts(&cache), [1, 1, 0]);
    let again = Cache::new(settings(&dir)).expect("the same cache");
    use_it(&engine(&again, |_| {}), WAT);
    assert_eq!(counts(&again), [1, 0, 0]);
    assert_eq!(entries(&cache).len(), 1);
}

#[test]
fn other_settings_and_other_modules_are_other_entries() {
    let cache = Cache::new(settings(&scratch("cache-keys"))).expect("a cache");
    use_it(&engine(&cache, |_| {}), WAT);
    use_it(&engine(&cache, |_| {}), &numbered(1));
    use_it(&engine(&cache, |c| (c.tunables.epochs, c.no_initial_deadline) = (true, true)), WAT);
    use_it(&engine(&cache, |c| c.tunables.opt_level = 0), WAT);
    let without = tenon::wasm::Proposal::Simd;
    use_it(&engine(&cache, |c| c.features.set(without, !c.features.has(without))), WAT);
    assert_eq!(counts(&cache), [0, 5, 0]);
    assert_eq!(entries(&cache).len(), 5);
}

#[test]
fn an_invalid_module_is_refused_and_not_kept() {
    let cache = Cache::new(settings(&scratch("cache-invalid"))).expect("a cache");
    let engine = engine(&cache, |_| {});
    for _ in 0..2 {
        assert!(tenon::runtime::Module::new(&engine, b"\0asm\x01\0\0\0\x01\x05").is_err());
    }
    assert!(entries(&cache).is_empty());
    assert_eq!(counts(&cache), [0, 2, 0]);
}

#[test]
fn damaged_entries_are_ignored_and_rewritten() {
    let cache = Cache::new(settings(&scratch("cache-damage"))).expect("a cache");
    use_it(&engine(&cache, |_| {}), WAT);
    let path = entries(&cache).remove(0);
    let whole = fs::read(&path).expect("an entry");
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        bytes
    };
    let damaged = [
        Vec::new(),
        b"short".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        flipped(0),
        flipped(100),
        flipped(whole.len() / 2),
        flipped(whole.len() - 1),
        [&whole[..], b"more"].concat(),
    ];
    for (i, bytes) in damaged.iter().enumerate() {
        fs::write(&path, bytes).expect("can damage it");
        use_it(&engine(&cache, |_| {}), WAT);
        assert_eq!(counts(&cache), [0, i as u64 + 2, i as u64 + 1], "damage {i}");
        assert_eq!(fs::read(&path).expect("an entry"), whole, "damage {i}: not rewritten");
    }
}

/// An entry under another's name is a whole image, but not the one asked for.
#[test]
fn an_entry_is_not_taken_for_another() {
    let cache = Cache::new(settings(&scratch("cache-swapped"))).expect("a cache");
    use_it(&engine(&cache, |_| {}), WAT);
    let first = entries(&cache).remove(0);
    use_it(&engine(&cache, |_| {}), r#"(module (func (export "g")) (func (export "f") (param i32) (result i32) local.get 0))"#);
    let second = entries(&cache).into_iter().find(|e| *e != first).expect("a second entry");
    fs::copy(&second, &first).expect("can copy");
    use_it(&engine(&cache, |_| {}), WAT);
    assert_eq!(counts(&cache), [0, 3, 1]);
}

#[test]
fn folder_and_entries_are_the_users_alone() {
    let dir = scratch("cache-modes").join("a/b");
    let cache = Cache::new(settings(&dir)).expect("a cache");
    use_it(&engine(&cache, |_| {}), WAT);
    let mode = |p: &Path| fs::metadata(p).expect("is there").permissions().mode() & 0o7777;
    assert_eq!((mode(&dir), mode(cache.folder()), mode(&entries(&cache)[0])), (0o700, 0o700, 0o600));
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).expect("can change the mode");
    let error = Cache::new(settings(&dir)).expect_err("anybody may write there");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("777"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_costs_time_only() {
    let dir = scratch("cache-unwritable");
    let cache = Cache::new(settings(&dir)).expect("a cache");
    fs::remove_dir_all(&dir).expect("can remove it");
    fs::write(&dir, "now a file").expect("can write");
    use_it(&engine(&cache, |_| {}), WAT);
    assert_eq!(counts(&cache), [0, 1, 1]);
    let error = Cache::new(settings(&dir)).expect_err("the folder is a file");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    fs::remove_file(&dir).expect("was there");
}

#[test]
fn the_least_recently_used_entries_go_first() {
    let mut settings = settings(&scratch("cache-cleanup"));
    settings.file_count_limit = 8;
    settings.file_count_percent = 50;
    settings.cleanup_interval = Duration::ZERO;
    let cache = Cache::new(settings).expect("a cache");
    let engine = engine(&cache, |_| {});
    for n in 0..8 {
        use_it(&engine, &numbered(n));
    }
    // All are old, but the first has just been used.
    for (age, path) in entries(&cache).iter().enumerate() {
        let then = SystemTime::now() - Duration::from_secs(1000 + age as u64);
        fs::File::options().write(true).open(path).and_then(|f| f.set_modified(then)).expect("can set the time");
    }
    use_it(&engine, &numbered(0));
    assert_eq!((cache.hits(), entries(&cache).len()), (1, 8));
    use_it(&engine, &numbered(8));
    assert_eq!(entries(&cache).len(), 4, "half of the limit");
    use_it(&engine, &numbered(0));
    use_it(&engine, &numbered(8));
    assert_eq!(counts(&cache), [3, 9, 0], "the two used last are still there");
}

#[test]
fn a_cache_keeps_to_its_size() {
    let mut settings = settings(&scratch("cache-size"));
    settings.total_size_limit = 64 << 10;
    settings.total_size_percent = 100;
    settings.cleanup_interval = Duration::ZERO;
    let cache = Cache::new(settings).expect("a cache");
    let engine = engine(&cache, |_| {});
    for n in 0..20 {
        use_it(&engine, &numbered(n));
    }
    let size: u64 = entries(&cache).iter().map(|p| fs::metadata(p).expect("an entry").len()).sum();
    assert!((1..=64 << 10).contains(&size), "{size} bytes in {} entries", entries(&cache).len());
}

#[test]
fn entries_of_the_future_and_abandoned_files_are_removed() {
    let cache = Cache::new(settings(&scratch("cache-future"))).expect("a cache");
    use_it(&engine(&cache, |_| {}), WAT);
    let (entry, abandoned, fresh) =
        (entries(&cache).remove(0), cache.folder().join(".new-1-1"), cache.folder().join(".new-1-2"));
    let date = |path: &Path, when: SystemTime| {
        fs::File::options().create(true).append(true).open(path).and_then(|f| f.set_modified(when)).expect("can set the time");
    };
    let day = Duration::from_secs(24 * 3600);
    date(&abandoned, SystemTime::now() - day);
    date(&fresh, SystemTime::now());
    date(&entry, SystemTime::now() + day / 2);
    cache.clean_up();
    assert!(entry.exists() && !abandoned.exists() && fresh.exists());
    date(&entry, SystemTime::now() + day * 2);
    cache.clean_up();
    assert!(!entry.exists());
}

/// Part of the next test: what each of its processes does. Does nothing in an ordinary run.
#[test]
fn one_of_many_processes() {
    let Some(dir) = std::env::var_os("TENON_TEST_CACHE") else { return };
    let mut settings = settings(Path::new(&dir));
    settings.cleanup_interval = Duration::ZERO;
    settings.file_count_limit = 20;
    let cache = Cache::new(settings).expect("a cache");
    let engine = engine(&cache, |_| {});
    for round in 0..3 {
        for n in 0..10 {
            use_it(&engine, &numbered(n + round));
        }
    }
    assert_eq!(cache.failures(), 0, "an entry was seen half written");
    assert_eq!(cache.hits() + cache.misses(), 30);
}

#[test]
fn processes_share_a_cache_without_seeing_half_an_entry() {
    let dir = scratch("cache-processes");
    let start = || {
        let mut command = Command::new(std::env::current_exe().expect("knows itself"));
        command.args(["--exact", "cache::one_of_many_processes"]).env("TENON_TEST_CACHE", &dir);
        command.env("LD_LIBRARY_PATH", library_dir()).stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped()).spawn().expect("starts")
    };
    let children: Vec<_> = (0..6).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().expect("ends");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
    let cache = Cache::new(settings(&dir)).expect("a cache");
    assert_eq!(entries(&cache).len(), 12);
    let leftovers = fs::read_dir(cache.folder()).expect("the folder").flatten();
    assert_eq!(leftovers.filter(|f| f.file_name().to_string_lossy().starts_with(".new-")).count(), 0);
}

#[test]
fn a_cache_file_says_what_is_wrong_with_it() {
    let dir = scratch("cache-file");
    let file = dir.join("cache.toml");
    let load = |text: &str| {
        fs::write(&file, text).expect("can write");
        CacheSettings::load(&file)
    };
    let all = "[cache]\ndirectory = \"/nowhere\"\ncleanup-interval = \"2m\"\nallowed-clock-drift-for-files-from-future = \"1d\"
file-count-soft-limit = \"3K\"\nfiles-total-size-soft-limit = \"2Gi\"\nfile-count-limit-percent-if-deleting = \"50%\"
files-total-size-limit-percent-if-deleting = \"0%\"\nworker-event-queue-size = \"16\"\nbaseline-compression-level = 3
optimized-compression-level = 20\noptimized-compression-usage-counter-threshold = \"256\"
optimizing-compression-task-timeout = \"30m\"\n";
    let s = load(all).expect("every key");
    assert_eq!(s.directory.as_deref(), Some(Path::new("/nowhere")));
    assert_eq!((s.cleanup_interval.as_secs(), s.allowed_clock_drift.as_secs()), (120, 86_400));
    assert_eq!((s.file_count_limit, s.total_size_limit), (3000, 2 << 30));
    assert_eq!((s.file_count_percent, s.total_size_percent), (50, 0));
    assert_eq!(load("[cache]\n").expect("no key"), CacheSettings::default());
    let bad: &[(&str, &str)] = &[
        ("", "missing field `cache`"),
        ("[cache\n", "unclosed table, expected `]`"),
        ("[cache]\nenabled = true\n", "unknown field `enabled`, expected one of `directory`"),
        ("[other]\n", "unknown field `other`, expected `cache`"),
        ("[cache]\ndirectory = 3\n", "invalid type: integer `3`, expected path string"),
        ("[cache]\ncleanup-interval = \"5 s\"\n", "found \"5 s\""),
        ("[cache]\ncleanup-interval = 5\n", "invalid type: integer `5`, expected a string"),
        ("[cache]\nfile-count-soft-limit = \"1Ki\"\n", "found \"1Ki\""),
        ("[cache]\nfiles-total-size-soft-limit = \"99999999T\"\n", "found \"99999999T\""),
        ("[cache]\nfile-count-limit-percent-if-deleting = \"101%\"\n", "0% to 100%"),
        ("[cache]\nworker-event-queue-size = \"x\"\n", "found \"x\""),
    ];
    for (text, expected) in bad {
        let error = load(text).expect_err(text);
        assert!(error.to_string().contains(expected), "{text}: {error}");
        assert_eq!(error.chain()[0], format!("failed to parse config file: {}", file.display()));
    }
    let error = CacheSettings::load(&dir.join("nope.toml")).expect_err("no file");
    assert_eq!(error.chain(), [
        format!("failed to read config file: {}", dir.join("nope.toml").display()),
        "No such file or directory (os error 2)".to_owned()
    ]);
    let error = Cache::new(CacheSettings::at("rel")).expect_err("relative");
    assert_eq!(error.to_string(), "Cache directory path has to be absolute, path: rel");
}

/// The C interface: cache file, target, flags of the code generator.
#[test]
fn settings_in_c_are_honoured_or_refused() {
    let dir = scratch("settings-c");
    crate::native::compile_c(&crate::native::root().join("tests/data/settings.c"), &dir.join("settings"));
    let output = crate::native::program(&dir.join("settings")).arg(&dir).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.is_empty(), "{}: {text}", output.status);
    let cache = Cache::load(Some(&dir.join("cache.toml"))).expect("the same cache");
    assert_eq!(entries(&cache).len(), 1, "compiled once, found once");
    assert!(dir.join("tenon").is_dir(), "the default folder");
}
