//! The initramfs of these tests: the loader's of the real boots, and over it the package's programs and what runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// In the folder of the image with what the package has.
const PROGRAMS: [&str; 3] = ["usr/bin/impctl", "usr/lib/imp/imp-config", "usr/lib/imp/imp-boot"];

/// An initramfs in the directory.
pub fn build(image: &Path, dir: &Path) -> PathBuf {
    let tree = dir.join("tree");
    run(Command::new("cp")
        .arg("-a")
        .arg(format!("{REPOSITORY}/tests/qemu/power/initramfs"))
        .arg(&tree));
    let ours = tree.join("imp");
    fs::create_dir_all(ours.join("stand_in")).unwrap();
    fs::rename(ours.join("kexec"), ours.join("stand_in/kexec")).unwrap();
    fs::create_dir_all(ours.join("lib")).unwrap();
    for program in PROGRAMS.map(|program| image.join("package").join(program)) {
        fs::copy(&program, ours.join(program.file_name().unwrap())).unwrap();
        libraries(&program, &ours.join("lib"));
    }
    let config = "tests/qemu/zfs/appliance/persistent/config/imp.toml";
    fs::copy(Path::new(REPOSITORY).join(config), ours.join("imp.toml")).unwrap();
    // The hook of this tree, whichever the image was built with.
    let hooks = tree.join("libexec/hooks/early-setup.d");
    fs::create_dir_all(&hooks).unwrap();
    let hook = format!("{REPOSITORY}/units/zfsbootmenu/early-setup.d/50-imp-trial");
    fs::copy(hook, hooks.join("50-imp-trial")).unwrap();
    let initrd = dir.join("pool.img");
    let append = format!("{REPOSITORY}/tests/qemu/zfs/append");
    run(Command::new(append)
        .arg(image.join("loader.img"))
        .arg(&tree)
        .arg(&initrd));
    initrd
}

/// The libraries this machine links with, the loader of programs among them as `ld.so`.
fn libraries(program: &Path, dir: &Path) {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for path in text.split_whitespace().filter(|word| word.starts_with('/')) {
        let name = path.rsplit('/').next().unwrap();
        let name = if name.starts_with("ld-linux") {
            "ld.so"
        } else {
            name
        };
        fs::copy(path, dir.join(name)).unwrap();
    }
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
