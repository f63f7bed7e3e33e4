//! The operator's own checks, and what `impctl health` prints.
#![allow(clippy::unwrap_used)]

use crate::patience::Patience;
use crate::pure::health::{about, named};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope, healthy};
use imp::config::{Folder, parse};
use imp::health::executable::{checks, list, run};
use imp::health::{About, Running};
use imp::types::Root;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

fn write(path: &Path, text: &str, mode: u32) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_owned()
}

fn script(dir: &Path, body: &str) -> PathBuf {
    write(&dir.join("check"), &format!("#!/bin/sh\n{body}\n"), 0o755)
}

#[test]
fn the_first_line_is_what_was_observed() {
    let dir = tempfile::tempdir().unwrap();
    let said = |body: &str| run(&script(dir.path(), body), SOON);
    assert_eq!(said("echo; echo '3 ms'; echo more"), (true, "3 ms".to_owned()));
    assert_eq!(said("true"), (true, "exit code 0".to_owned()));
    assert_eq!(
        said("echo no route; exit 2"),
        (false, "exit code 2: no route".to_owned())
    );
    assert_eq!(said("echo oh >&2; exit 1"), (false, "exit code 1: oh".to_owned()));
    assert_eq!(said("kill -9 $$"), (false, "signal: 9 (SIGKILL)".to_owned()));
    assert_eq!(
        said("printf '\\033[31mred\\n'"),
        (true, "[31mred".to_owned()),
        "it goes to terminals"
    );
    assert_eq!(
        said("echo ${SECRET-none}${HOME-none} $PATH").1.split(' ').next(),
        Some("nonenone")
    );
    let (good, words) = run(&write(&dir.path().join("text"), "no program\n", 0o755), SOON);
    assert!(!good && words.contains("Exec format error"), "{words}");
}

#[test]
fn one_that_does_not_end_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let body = format!("sleep 300 &\necho $! >{}\necho begun\nwait", pid.display());
    let mut soon = Patience::new(SOON.as_secs());
    let (good, words) = run(&script(dir.path(), &body), Duration::from_millis(700));
    assert!(!good && soon.lasts());
    assert_eq!(words, "it did not finish within 0.7 s and was killed");
    let child = fs::read_to_string(pid).unwrap();
    let stat = || fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    let mut soon = Patience::new(SOON.as_secs());
    while !stat().is_empty() && !stat().contains(") Z ") {
        assert!(soon.lasts(), "its child lives: {}", stat());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A root whose folders belong to root; none where the test is somebody else.
fn site(test: &str) -> Option<(tempfile::TempDir, Root)> {
    if !nix::unistd::geteuid().is_root() {
        crate::skip::skipped(format!("{test}: needs root, to own files as root"));
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    for folder in ["required", "wanted"] {
        fs::create_dir_all(root.join("persistent/config/checks.d").join(folder)).unwrap();
    }
    Some((dir, root))
}

#[test]
fn the_folder_and_the_name_say_what_a_check_can_do() {
    let Some((_dir, root)) = site("the_folder_and_the_name_say_what_a_check_can_do") else {
        return;
    };
    let folder = root.join("persistent/config/checks.d");
    for file in [
        "required/uplink",
        "required/outside-dns",
        "wanted/fan",
        "wanted/.hidden",
    ] {
        write(&folder.join(file), "#!/bin/sh\necho bad; exit 1\n", 0o755);
    }
    let outcomes: Vec<CheckOutcome> = checks(&root).into_iter().flat_map(Running::finish).collect();
    assert_eq!(outcomes.len(), 3, "{outcomes:#?}");
    let uplink = named(&outcomes, "checks.d/required/uplink");
    assert!(uplink.rejects() && uplink.config_can_cause);
    assert_eq!(
        uplink.sentence(),
        "checks.d/required/uplink: expected exit code 0, observed exit code 1: bad"
    );
    let dns = named(&outcomes, "checks.d/required/outside-dns");
    assert_eq!((dns.scope, dns.state), (Scope::Outside, CheckState::Failed));
    assert!(!dns.rejects());
    assert!(!named(&outcomes, "checks.d/wanted/fan").rejects());
}

#[test]
fn what_others_could_have_written_is_not_run() {
    let Some((_dir, root)) = site("what_others_could_have_written_is_not_run") else {
        return;
    };
    let folder = root.join("persistent/config/checks.d/required");
    let ran = root.join("ran");
    let text = format!("#!/bin/sh\ntouch {}\n", ran.display());
    chown(
        write(&folder.join("a-foreign"), &text, 0o755),
        Some(1000),
        Some(1000),
    )
    .unwrap();
    write(&folder.join("b-writable"), &text, 0o775);
    write(&folder.join("c-plain"), &text, 0o644);
    symlink(
        write(&root.join("tmp/program"), &text, 0o755),
        folder.join("d-link"),
    )
    .unwrap();
    let problems: Vec<String> = list(&root).into_iter().filter_map(|it| it.problem).collect();
    let at = |name: &str| folder.join(name).display().to_string();
    assert_eq!(
        problems,
        [
            format!("{0} belongs to user 1000: chown root:root {0}", at("a-foreign")),
            format!(
                "{0} can be written by others than root: chmod go-w {0}",
                at("b-writable")
            ),
            format!("it is not executable: chmod 755 {}", at("c-plain")),
            format!(
                "{} is not a regular file: put the program itself there",
                at("d-link")
            ),
        ]
    );
    let outcomes: Vec<CheckOutcome> = checks(&root).into_iter().flat_map(Running::finish).collect();
    assert!(outcomes.iter().all(|outcome| outcome.state == CheckState::Failed) && healthy(&outcomes));
    assert!(!ran.exists());
    // Who may write to the folder may put any check there.
    write(&folder.join("e-good"), &text, 0o755);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(list(&root).iter().all(|it| {
        it.problem
            .as_ref()
            .is_some_and(|it| it.contains("checks.d/required can be"))
    }));
}

#[test]
fn checks_are_not_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("persistent/config");
    write(
        &config.join("imp.toml"),
        include_str!("../pure/health/imp.toml"),
        0o644,
    );
    let read = || {
        let folder = Folder::new(&config);
        let parsed = parse(&folder);
        assert!(parsed.model.is_some());
        (
            parsed.diagnostics.len(),
            folder.read_files().into_keys().collect::<Vec<_>>(),
        )
    };
    let before = read();
    write(&config.join("checks.d/required/uplink"), "#!/bin/sh\n", 0o755);
    write(
        &config.join("checks.d/wanted/notes.toml"),
        "not = = toml\n",
        0o644,
    );
    assert_eq!(read(), before, "no warning, and no part of the generation");
}

#[test]
fn health_prints_what_failed_first() {
    let about = |name: &str| about(name, Scope::Forwarding);
    let wanted = About::new("bgp 192.0.2.1", Scope::ControlPlane, false, true);
    let outcomes = [
        about("namespace").passed("dataplane pinned", "pinned"),
        about("ospf").not_needed("neighbours", "OSPF is not configured"),
        wanted.failed("Established", "Active"),
        about("vpp core").failed("answers", "does not answer"),
    ];
    assert_eq!(
        imp::impctl::health::text(&outcomes, false),
        "FAILED      vpp core           0 ms  does not answer\n\
         \x20                                    expected answers\n\
         warning     bgp 192.0.2.1      0 ms  Active\n\
         \x20                                    expected Established\n\
         passed      namespace          0 ms  pinned\n\
         not needed  ospf               0 ms  OSPF is not configured\n\
         not healthy: 1 of 4 checks\n"
    );
}

#[test]
fn health_is_asked_of_the_running_machine() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_impctl"))
        .args(["--root", dir.path().to_str().unwrap(), "health"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(64));
}
