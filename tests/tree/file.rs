//! Writes that are complete or not there.
#![allow(clippy::unwrap_used)]

use imp::host::file::Effect;
use imp::host::file::{Entry, again, create_dir, remove, replace_symlink, write, write_tree};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_written_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b/frr.conf");
    assert_eq!(write(&path, b"one\n", 0o640).unwrap(), Effect::Changed);
    let inode = fs::metadata(&path).unwrap().ino();
    assert_eq!(write(&path, b"one\n", 0o640).unwrap(), Effect::Unchanged);
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode, "untouched");
    assert_eq!(write(&path, b"two\n", 0o640).unwrap(), Effect::Changed);
    assert_eq!(write(&path, b"two\n", 0o600).unwrap(), Effect::Changed, "mode");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::read(&path).unwrap(), b"two\n");
    assert_eq!(names(path.parent().unwrap()), ["frr.conf"]);
    assert_eq!(
        fs::metadata(dir.path().join("a")).unwrap().permissions().mode() & 0o7777,
        0o755
    );
}

#[test]
fn a_link_in_the_way_is_replaced_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = dir.path().join("elsewhere");
    fs::write(&elsewhere, "x").unwrap();
    let path = dir.path().join("hosts");
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(write(&path, b"x", 0o644).unwrap(), Effect::Changed);
    assert!(fs::symlink_metadata(&path).unwrap().is_file());
    assert_eq!(fs::read(&elsewhere).unwrap(), b"x");
}

#[test]
fn leftovers_of_a_killed_run_go_those_of_a_running_one_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.json");
    fs::write(dir.path().join(".plan.json.imp-99.0"), "half").unwrap();
    fs::create_dir(dir.path().join(".plan.json.imp-99.1")).unwrap();
    fs::write(dir.path().join(".plan.json.imp-notes"), "not ours").unwrap();
    let running = fs::File::create(dir.path().join(".plan.json.imp-98.0")).unwrap();
    running.lock().unwrap();
    assert_eq!(write(&path, b"{}", 0o644).unwrap(), Effect::Changed);
    assert_eq!(
        names(dir.path()),
        [".plan.json.imp-98.0", ".plan.json.imp-notes", "plan.json"]
    );
}

#[test]
fn an_impossible_write_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("taken");
    fs::create_dir(&path).unwrap();
    assert!(write(&path, b"x", 0o644).is_err());
    assert_eq!(names(dir.path()), ["taken"]);
    assert!(write(&path.join("no/../.."), b"x", 0o644).is_err());
}

#[test]
fn a_tree_replaces_the_old_one_whole() {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("run/generation");
    let entry = |path: &'static str, bytes: &'static [u8], mode| Entry {
        path: Path::new(path),
        bytes,
        mode,
    };
    let one = [
        entry("imp.toml", b"config-version = 1\n", 0o644),
        entry("secrets/bgp", b"s3cret", 0o600),
    ];
    assert_eq!(write_tree(&tree, &one, 0o700).unwrap(), Effect::Changed);
    assert_eq!(write_tree(&tree, &one, 0o700).unwrap(), Effect::Unchanged);
    assert_eq!(
        fs::metadata(tree.join("secrets")).unwrap().permissions().mode() & 0o7777,
        0o700
    );
    let two = [entry("imp.toml", b"config-version = 1\n", 0o644)];
    assert_eq!(
        write_tree(&tree, &two, 0o700).unwrap(),
        Effect::Changed,
        "a file less"
    );
    fs::write(tree.join("stray"), "").unwrap();
    assert_eq!(
        write_tree(&tree, &two, 0o700).unwrap(),
        Effect::Changed,
        "a file more"
    );
    assert_eq!(names(&tree), ["imp.toml"]);
    assert_eq!(names(tree.parent().unwrap()), ["generation"]);
}

#[test]
fn links_and_removals_say_whether_they_changed_anything() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("current");
    assert_eq!(replace_symlink(&link, Path::new("a1")).unwrap(), Effect::Changed);
    assert_eq!(
        replace_symlink(&link, Path::new("a1")).unwrap(),
        Effect::Unchanged
    );
    assert_eq!(replace_symlink(&link, Path::new("b2")).unwrap(), Effect::Changed);
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("b2"));
    assert_eq!(remove(&link).unwrap(), Effect::Changed);
    assert_eq!(remove(&link).unwrap(), Effect::Unchanged);
    create_dir(&dir.path().join("x/y"), 0o700).unwrap();
    assert_eq!(remove(&dir.path().join("x")).unwrap(), Effect::Changed);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn the_place_of_the_persistent_data_is_never_made() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("persistent")).unwrap();
    let below = dir.path().join("persistent/data/imp");
    let error = create_dir(&below, 0o700).unwrap_err();
    assert!(
        error.to_string().ends_with("persistent/data does not exist"),
        "{error}"
    );
    fs::create_dir(dir.path().join("persistent/data")).unwrap();
    create_dir(&below, 0o700).unwrap();
}

#[test]
fn the_place_of_the_configuration_is_never_made_either() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("persistent/config/identity/ssh_host_ed25519_key");
    let error = write(&key, b"key", 0o600).unwrap_err();
    assert!(
        error.to_string().ends_with("persistent/config does not exist"),
        "{error}"
    );
    assert!(!dir.path().join("persistent/config").exists());
}

#[test]
fn our_records_are_roots_alone_whoever_makes_them_first() {
    for first in ["imp/boot/marks.lock", "imp/evidence/x/evidence.json"] {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("persistent/data");
        fs::create_dir_all(&data).unwrap();
        let _ = write(&data.join(first), b"x", 0o644).unwrap();
        let mode = |path: &str| fs::metadata(data.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("imp"), 0o700, "{first}");
        assert_eq!(mode(Path::new(first).parent().unwrap().to_str().unwrap()), 0o700);
    }
}

/// A run that was killed leaves half of a secret, and the next one finds the whole in its place.
#[test]
fn what_is_left_of_a_secret_goes_although_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (key, tree) = (dir.path().join("key"), dir.path().join("generation"));
    let entry = [Entry {
        path: Path::new("secrets/bgp"),
        bytes: b"s3cret",
        mode: 0o600,
    }];
    let _ = write(&key, b"secret", 0o600).unwrap();
    let _ = write_tree(&tree, &entry, 0o700).unwrap();
    fs::write(dir.path().join(".key.imp-99.0"), "sec").unwrap();
    fs::create_dir_all(dir.path().join(".generation.imp-99.1/secrets")).unwrap();
    assert_eq!(write(&key, b"secret", 0o600).unwrap(), Effect::Unchanged);
    assert_eq!(write_tree(&tree, &entry, 0o700).unwrap(), Effect::Unchanged);
    assert_eq!(names(dir.path()), ["generation", "key"]);
}

/// Two steps write the same file at once: neither takes the other's for a leftover.
#[test]
fn writers_of_one_file_do_not_remove_each_others() {
    let dir = tempfile::tempdir().unwrap();
    let (file, tree, link) = (dir.path().join("a"), dir.path().join("t"), dir.path().join("l"));
    std::thread::scope(|scope| {
        for writer in 0..4_u32 {
            let (file, tree, link) = (&file, &tree, &link);
            scope.spawn(move || {
                for round in 0..50_u32 {
                    let text = format!("{writer} {round}");
                    let _ = write(file, text.as_bytes(), 0o600).unwrap();
                    let _ = replace_symlink(link, Path::new(&text)).unwrap();
                    let entry = [Entry {
                        path: Path::new("x"),
                        bytes: text.as_bytes(),
                        mode: 0o600,
                    }];
                    let _ = write_tree(&tree.join(writer.to_string()), &entry, 0o700).unwrap();
                }
            });
        }
    });
    assert_eq!(names(dir.path()), ["a", "l", "t"]);
}

/// One failed read of the mounts made a trial a boot by hand, and one of a kept generation a router without a configuration.
#[test]
fn a_read_that_fails_once_is_repeated_and_one_that_cannot_work_is_not() {
    let reads = std::cell::Cell::new(0);
    let fails = |first: i32, error: ErrorKind| {
        reads.set(0);
        again(|| {
            reads.set(reads.get() + 1);
            if reads.get() <= first {
                return Err(io::Error::from(error));
            }
            Ok(())
        })
    };
    assert!(fails(1, ErrorKind::Interrupted).is_ok());
    assert!(fails(3, ErrorKind::OutOfMemory).is_ok());
    assert!(fails(9, ErrorKind::OutOfMemory).is_err());
    assert_eq!(reads.get(), 4);
    assert!(fails(1, ErrorKind::NotFound).is_err());
    assert_eq!(reads.get(), 1);
}
