//! `impctl` as an operator types it.
#![allow(clippy::unwrap_used)]

use imp::impctl::completion;
use imp::impctl::table::{COMMANDS, find_option};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const GOOD: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n";

struct Site {
    root: tempfile::TempDir,
}

impl Site {
    fn new(text: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("persistent/config");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("imp.toml"), text).unwrap();
        Self { root }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn impctl(&self, words: &[&str]) -> Output {
        impctl(&[&["--root", self.root.path().to_str().unwrap()], words].concat())
    }
}

fn impctl(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_impctl"))
        .args(words)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn check_ends_with_one_line_for_people() {
    let site = Site::new(GOOD);
    let output = site.impctl(&["check"]);
    assert_eq!(output.status.code(), Some(0));
    let folder = site.path("persistent/config");
    assert_eq!(
        out(&output),
        format!(
            "{}: accepted for FRR 8.4: none is installed here\n",
            folder.display()
        )
    );
    assert_eq!(err(&output), "");
    let site = Site::new("config-version = 1\n[system]\nhostnane = \"x\"\n");
    let output = site.impctl(&["check"]);
    assert_eq!(output.status.code(), Some(78));
    let text = out(&output);
    assert!(
        text.contains("imp.toml:3:1") && text.contains("'hostname'"),
        "{text}"
    );
    assert!(text.ends_with("persistent/config: refused\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
    assert_eq!(err(&output), "", "the report is the result");
}

#[test]
fn check_speaks_json() {
    let site = Site::new("config-version = 1\nnonsense = 1\n[system]\nhostname = \"x\"\n");
    let output = site.impctl(&["check", "--format=json"]);
    assert_eq!(output.status.code(), Some(78));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["errors"].as_u64().unwrap() >= 1);
    let finding = &report["diagnostics"][0];
    assert_eq!(
        (&finding["file"], &finding["line"], &finding["column"]),
        (&"imp.toml".into(), &2.into(), &1.into())
    );
    let good = Site::new(GOOD).impctl(&["--format", "json", "check"]);
    assert_eq!(good.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!(report["errors"], 0);
}

#[test]
fn check_writes_nothing() {
    let site = Site::new(GOOD);
    site.impctl(&["check"]);
    let names: Vec<_> = fs::read_dir(site.root.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn explain_knows_every_code_and_only_those() {
    let list = out(&impctl(&["explain"]));
    assert!(
        list.lines().count() > 100,
        "at least as many as the issue asks for"
    );
    for line in list.lines() {
        let (code, title) = line.split_once("  ").unwrap();
        let text = out(&impctl(&["explain", code]));
        assert!(text.starts_with(&format!("{code}: {title}\n\n")), "{text}");
        assert!(
            text.trim_end().len() > code.len() + title.len() + 10,
            "{code} has no text"
        );
    }
    assert_eq!(
        out(&impctl(&["explain", "e0103"])),
        out(&impctl(&["explain", "103"]))
    );
    let output = impctl(&["explain", "E9999"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(err(&output).contains("'E9999' is neither a code"));
    let slip = err(&impctl(&["explain", "interfaces.NAME.mut"]));
    assert!(slip.contains("unknown key 'interfaces.NAME.mut'; did you mean 'interfaces.NAME.mtu'?"));
    let several = err(&impctl(&["explain", "mtu"]));
    assert!(
        several.contains("'mtu' is in several tables: ") && several.contains("'interfaces.NAME.mtu'"),
        "{several}"
    );
}

#[test]
fn render_writes_the_same_tree_every_time() {
    let site = Site::new(&format!("{GOOD}[vpp.nat64]\nmain-core = 2\n"));
    let to = site.path("out");
    let render = || site.impctl(&["render", "--output", to.to_str().unwrap()]);
    let output = render();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let listed = out(&output);
    for path in [
        "run/imp/frr/frr.conf",
        "run/imp/vpp/startup-nat64.conf",
        "run/systemd/system/vpp-nat64.service",
    ] {
        assert!(listed.lines().any(|line| line == path), "{listed}");
    }
    for path in listed.lines() {
        assert!(to.join(path).is_file(), "{path}");
    }
    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(to.join("run/imp/plan.json")).unwrap()).unwrap();
    assert_eq!(plan.as_array().unwrap().len(), listed.lines().count() - 1);
    let written = fs::metadata(to.join("run/imp/frr/frr.conf")).unwrap();
    assert_eq!(written.permissions().mode() & 0o777, 0o640);
    assert_eq!(out(&render()), listed);
    let again = fs::metadata(to.join("run/imp/frr/frr.conf")).unwrap();
    assert_eq!(written.modified().unwrap(), again.modified().unwrap());
}

#[test]
fn render_marks_what_only_a_machine_knows_and_takes_a_machines_word_for_it() {
    let site = Site::new(&format!(
        "{GOOD}[vpp.core]\nmain-core = 1\n\
         [interfaces.wan]\nmatch = {{ mac = \"b4:96:91:00:00:10\" }}\naddresses = [\"198.51.100.2/30\"]\n"
    ));
    let to = site.path("out");
    let output = site.impctl(&["render", "--output", to.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        err(&output).contains("warning: interface 'wan': its PCI address is not known here"),
        "{}",
        err(&output)
    );
    let startup = || fs::read_to_string(to.join("run/imp/vpp/startup-core.conf")).unwrap();
    assert!(startup().contains("@wan:pci@"));
    let bindings = site.path("bindings.json");
    fs::write(
        &bindings,
        r#"{"nics": {"wan": {"attach": "dpdk", "pci": "0000:65:00.0"}}}"#,
    )
    .unwrap();
    let words = [
        "render",
        "--output",
        to.to_str().unwrap(),
        "--bindings",
        bindings.to_str().unwrap(),
    ];
    let output = site.impctl(&words);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    assert!(startup().contains("dev 0000:65:00.0"));
    fs::write(&bindings, "{").unwrap();
    let output = site.impctl(&words);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("bindings.json: EOF"), "{}", err(&output));
}

#[test]
fn render_of_a_refused_document_writes_nothing() {
    let site = Site::new("broken");
    let output = site.impctl(&["render", "--output", site.path("out").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(78));
    assert!(err(&output).contains("error[E0101]"));
    assert!(!site.path("out").exists());
}

#[test]
fn status_says_what_the_last_run_found() {
    let site = Site::new(GOOD);
    let output = site.impctl(&["status"]);
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(1), "imp-config has not finished yet\n")
    );
    let config = |site: &Site| {
        Command::new(env!("CARGO_BIN_EXE_imp-config"))
            .arg("--root")
            .arg(site.root.path())
            .stderr(Stdio::null())
            .status()
            .unwrap()
    };
    config(&site);
    let output = site.impctl(&["status"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).starts_with("the configuration is accepted and runs as generation "));
    // A reload that was killed before systemd knew of its jobs.
    let pending = site.path("run/imp/pending.json");
    let job = r#"[{"who": "frr", "work": {"jobs": [{"verb": "reload", "unit": "frr.service", "mode": "at-once"}]}}]"#;
    fs::write(&pending, job).unwrap();
    let output = site.impctl(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("not carried out: reload frr.service; systemd was not told"));
    fs::remove_file(&pending).unwrap();
    fs::write(site.path("persistent/config/imp.toml"), "broken").unwrap();
    config(&site);
    let output = site.impctl(&["status", "--format", "json"]);
    assert_eq!(output.status.code(), Some(78));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"]["configuration"], "refused");
    assert_eq!(
        report["units"],
        serde_json::Value::Null,
        "another root has no systemd to ask"
    );
}

#[test]
fn a_mistyped_command_is_reported_in_one_line() {
    for (words, said) in [
        (&["chek"][..], "unknown command 'chek'; did you mean 'check'?"),
        (&["frobnicate"], "unknown command 'frobnicate' (see"),
        (&[], "no command given"),
        (
            &["boot"],
            "'boot' needs a command: status, list, deploy, arm, disarm, drill, bless",
        ),
        (
            &["boot", "amr"],
            "unknown command 'boot amr'; did you mean 'boot arm'?",
        ),
        (&["boot", "arm"], "'boot arm' needs the name of an image"),
        (
            &["boot", "status", "--reboot"],
            "'boot status' does not take --reboot",
        ),
        (
            &["boot", "deploy", "x", "--reboot", "--no-arm"],
            "--reboot and --no-arm contradict each other",
        ),
        (&["check", "--format", "yaml"], "--format must be text or json"),
        (
            &["explain", "--format", "json"],
            "'explain' does not take --format",
        ),
        (&["render"], "'render' needs --output DIR"),
        (&["check", "--output", "x"], "'check' does not take --output"),
        (&["check", "now"], "unexpected argument 'now'"),
        (
            &["completion", "fish"],
            "there is no completion for 'fish', only for bash",
        ),
        (&["--roof"], "unknown option '--roof'; did you mean '--root'?"),
        (&["-x"], "unknown option '-x'"),
        (&["--root"], "missing argument for option '--root'"),
    ] {
        let output = impctl(words);
        assert_eq!(output.status.code(), Some(64), "{words:?}");
        let text = err(&output);
        assert!(text.starts_with("error: ") && text.contains(said), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_and_version_are_results() {
    let help = impctl(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let help = out(&help);
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {} ", command.words)), "{help}");
        assert!(help.contains(command.about), "{help}");
    }
    assert!(help.lines().all(|line| line.len() < 100), "{help}");
    assert_eq!(
        out(&impctl(&["--version"])),
        format!("impctl {}\n", env!("CARGO_PKG_VERSION"))
    );
}

/// What bash offers after a TAB at the end of a line.
fn completed(line: &str) -> Vec<String> {
    let script = "source templates/completion/impctl
        read -ra COMP_WORDS <<< \"$1\"
        case $1 in *' ') COMP_WORDS+=('') ;; esac
        COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
        compopt() { :; }
        _impctl && printf '%s\\n' \"${COMPREPLY[@]}\"";
    let output = Command::new("bash")
        .args(["-euc", script, "bash", line])
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {}", err(&output));
    out(&output).split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_completion_is_the_one_that_is_installed() {
    let path = Path::new("templates/completion/impctl");
    let made = completion::bash();
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &made).unwrap();
    }
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        made,
        "BLESS=1 cargo test --test main impctl writes {} again",
        path.display()
    );
    assert_eq!(out(&impctl(&["completion", "bash"])), made);
}

#[test]
fn completion_offers_what_may_come_next() {
    assert_eq!(completed("impctl che"), ["check"]);
    assert_eq!(completed("impctl boot d"), ["deploy", "disarm", "drill"]);
    assert_eq!(completed("impctl --root / boot arm --f"), ["--force", "--format"]);
    assert_eq!(
        completed("impctl --root = / sta"),
        ["status"],
        "--root=/ is three words to readline"
    );
    assert_eq!(completed("impctl check --format "), ["text", "json"]);
    assert_eq!(completed("impctl check --format = j"), ["json"]);
    assert_eq!(
        completed("impctl explain E010"),
        (1..=9).map(|it| format!("E010{it}")).collect::<Vec<_>>()
    );
    assert_eq!(
        completed("impctl render --output templates/vp"),
        ["templates/vpp"]
    );
    assert!(completed("impctl check --reb").is_empty());
    for command in COMMANDS {
        let offered = completed(&format!("impctl {} --", command.words));
        for option in &offered {
            let name = option.trim_start_matches('-');
            let global = ["root", "help", "version"].contains(&name);
            assert!(
                find_option(name).is_some() && (global || command.takes(name)),
                "{option}"
            );
        }
        assert_eq!(offered.len(), command.options.len() + 3, "{offered:?}");
    }
}

#[test]
fn a_reader_that_left_is_not_a_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_impctl"))
        .arg("explain")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(err(&output).is_empty(), "{}", err(&output));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_example_of_the_documentation_is_accepted() {
    let site = Site::new("");
    let folder = site.path("persistent/config");
    let copied = Command::new("cp")
        .args(["-r", "tests/trees/01-example/root/persistent/config/."])
        .arg(&folder)
        .status()
        .unwrap();
    assert!(copied.success());
    let secret = Path::new(&folder).join("secrets/bgp-transit-a");
    fs::set_permissions(secret, fs::Permissions::from_mode(0o640)).unwrap();
    let output = site.impctl(&["check"]);
    assert_eq!(
        out(&output),
        format!(
            "{}: accepted for FRR 8.4: none is installed here\n",
            folder.display()
        )
    );
}
