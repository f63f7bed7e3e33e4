//! Throw-away user, network and mount namespaces for a test, without root.
#![allow(clippy::unwrap_used)]

use imp::types::Root;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Set for the process that runs inside.
const INSIDE: &str = "IMP_TEST_SANDBOX";

/// Candidates for the root directory: they exist on every machine and are rarely in use.
const PLACES: [&str; 3] = ["/mnt", "/media", "/srv"];

/// A file below the root directory, with the directories above it.
pub fn write(root: &Root, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The text of one.
pub fn read(root: &Root, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap()
}

/// Runs the body as root of new user, network, mount and host name namespaces, over an empty tmpfs as the root directory.
///
/// The test is named from this room on. The test binary starts itself again for this one test, because a process with threads cannot leave its user
/// namespace. Where the kernel does not allow that, one line says `skipped: …`.
pub fn run(test: &str, body: impl FnOnce(&Root)) {
    run_in("-Urnmu", test, body);
}

/// The same as the machine's own root, for what a user namespace does not allow.
pub fn run_as_root(test: &str, body: impl FnOnce(&Root)) {
    run_in("-nmu", test, body);
}

fn run_in(namespaces: &str, test: &str, body: impl FnOnce(&Root)) {
    if std::env::var_os(INSIDE).is_some() {
        let place = place();
        command("mount", &["-t", "tmpfs", "tmpfs", place]);
        body(&Root::new(Path::new(place)));
        return;
    }
    if !possible(namespaces) {
        crate::skip::skipped(format!("{test}: 'unshare {namespaces}' is not allowed here"));
        return;
    }
    let output = Command::new("unshare")
        .args([namespaces, "--"])
        .arg(std::env::current_exe().unwrap())
        .args([
            &format!("netns::{test}"),
            "--exact",
            "--include-ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "no test of this name: {text}");
    print!("{text}");
}

/// The first candidate that hides neither the programs under test nor the files of this checkout.
fn place() -> &'static str {
    let program = std::env::current_exe().unwrap();
    let needed = [program.as_path(), Path::new(env!("CARGO_MANIFEST_DIR"))];
    let free = |place: &&str| Path::new(place).is_dir() && !needed.iter().any(|path| path.starts_with(place));
    PLACES.into_iter().find(free).unwrap()
}

/// Whether this process is the one inside.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Whether namespaces can be made here.
fn possible(namespaces: &str) -> bool {
    Command::new("unshare")
        .args([namespaces, "true"])
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a program that must succeed and returns what it printed.
pub fn command(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {words}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `ip` with blank-separated words.
pub fn ip(words: &str) -> String {
    command("ip", &words.split(' ').collect::<Vec<_>>())
}
