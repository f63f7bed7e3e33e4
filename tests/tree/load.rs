//! The configuration folder on disk, and what it refuses to read.
#![allow(clippy::unwrap_used)]

use imp::config::{Files, Folder};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn files_are_listed_in_order_read_with_their_mode_and_remembered() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b.toml", "a.toml", ".a.toml.swp"] {
        fs::write(dir.path().join(name), name).unwrap();
    }
    fs::create_dir(dir.path().join("secrets")).unwrap();
    let secret = dir.path().join("secrets/x");
    fs::write(&secret, "s").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();

    let folder = Folder::new(dir.path());
    assert_eq!(folder.list("").unwrap(), ["a.toml", "b.toml"]);
    assert_eq!(folder.list("secrets").unwrap(), ["x"]);
    assert!(folder.list("templates").unwrap().is_empty());
    assert_eq!(folder.read("a.toml").unwrap().bytes, b"a.toml");
    assert_eq!(folder.read("secrets/x").unwrap().mode, 0o640);

    let read = folder.read_files();
    assert_eq!(read.keys().collect::<Vec<_>>(), ["a.toml", "secrets/x"]);
    assert_eq!(read.list("").unwrap(), ["a.toml"]);
    assert_eq!(read.list("secrets").unwrap(), ["x"]);
    assert_eq!(read.read("secrets/x").unwrap().bytes, b"s");
}

#[test]
fn links_inside_are_followed_links_outside_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x"), "x").unwrap();
    let real = outside.path().join("config");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("a"), "a").unwrap();
    symlink("a", real.join("inside")).unwrap();
    symlink(outside.path().join("x"), real.join("outside")).unwrap();
    symlink("nowhere", real.join("dangling.toml")).unwrap();
    let linked = outside.path().join("linked");
    symlink(&real, &linked).unwrap();

    let folder = Folder::new(linked);
    assert_eq!(folder.read("inside").unwrap().bytes, b"a");
    for path in ["outside", "../x"] {
        let refused = folder.read(path).unwrap_err().to_string();
        assert!(refused.contains("outside the configuration folder"), "{refused}");
    }
    assert!(folder.list("").unwrap().contains(&"dangling.toml".to_owned()));
    assert_eq!(
        folder.read("dangling.toml").unwrap_err().to_string(),
        "No such file or directory (os error 2)"
    );
}

#[test]
fn a_pipe_does_not_block_and_a_huge_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe.toml");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let huge = fs::File::create(dir.path().join("huge.toml")).unwrap();
    huge.set_len((64 << 20) + 1).unwrap();

    let folder = Folder::new(dir.path());
    let refusal = |path: &str| folder.read(path).unwrap_err().to_string();
    assert_eq!(refusal("pipe.toml"), "is not a regular file");
    assert_eq!(refusal("huge.toml"), "is larger than 64 MiB");
    assert!(folder.read_files().is_empty());
}
