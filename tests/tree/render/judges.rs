//! The programs that read the rendered files say what they think of them.

use super::{Tree, trees, trees_for};
use crate::skip::skipped;
use imp::plan::frr::differences;
use imp::types::FrrRelease;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a script where the programs are: in the root that `tests/run` built, else on this machine if it has them.
///
/// In a network and under a host name of its own, with the folder at its own path. None, after one line, without root
/// or without the programs.
fn judge(test: &str, programs: &[&str], folder: &Path, host: &str, script: &str) -> Option<String> {
    judge_by(FrrRelease::V8, test, programs, folder, host, script)
}

/// Every FRR there is a root with.
pub(super) const RELEASES: [FrrRelease; 2] = [FrrRelease::V8, FrrRelease::V10];

/// The same in the root with this FRR. Only the older one is looked for on this machine.
pub(super) fn judge_by(
    release: FrrRelease,
    test: &str,
    programs: &[&str],
    folder: &Path,
    host: &str,
    script: &str,
) -> Option<String> {
    let variable = match release {
        FrrRelease::V8 => "IMP_TEST_ROOT",
        FrrRelease::V10 => "IMP_TEST_TRIXIE",
    };
    let mut command = match std::env::var_os(variable) {
        Some(root) => {
            let mut command = container(Path::new(&root), folder, host);
            command.args(["sh", "-ec"]);
            command
        }
        None if release != FrrRelease::V8 => {
            skipped(format!(
                "{test}: no root image in {variable} (tests/run builds one)"
            ));
            return None;
        }
        None if !nix::unistd::geteuid().is_root() => {
            skipped(format!("{test}: needs root"));
            return None;
        }
        None => {
            if let Some(missing) = programs.iter().find(|program| !Path::new(program).exists()) {
                skipped(format!(
                    "{test}: no {missing} here, and no root image in IMP_TEST_ROOT (tests/run builds one)"
                ));
                return None;
            }
            let mut command = Command::new("unshare");
            command.args([
                "-n",
                "-u",
                "sh",
                "-c",
                "hostname \"$1\"; exec sh -ec \"$2\"",
                "sh",
                host,
            ]);
            command
        }
    };
    let output = command.arg(script).stdin(Stdio::null()).output().unwrap();
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{test}: {}{}{}",
        words(&output.stdout),
        words(&output.stderr),
        fs::read_to_string(folder.join("log")).unwrap_or_default()
    );
    Some(words(&output.stdout))
}

fn container(root: &Path, folder: &Path, host: &str) -> Command {
    let mut command = Command::new("systemd-nspawn");
    command
        .args([
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--private-network",
            "--read-only",
            "--tmpfs=/var",
        ])
        .arg(format!("--machine=judge-{}-{host}", std::process::id()))
        .arg(format!("--hostname={host}"))
        .arg(format!("--bind={}", folder.display()))
        .arg("--directory")
        .arg(root);
    command
}

/// A folder where a read-only root has a place for it: its `/tmp` is a tmpfs.
pub(super) fn folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("imp-judge")
        .tempdir_in("/tmp")
        .unwrap()
}

#[test]
fn vtysh_takes_every_frr_conf() {
    for release in RELEASES {
        vtysh_takes_all(release);
    }
}

fn vtysh_takes_all(release: FrrRelease) {
    let folder = folder();
    for tree in trees_for(release) {
        fs::write(folder.path().join(tree.name()), tree.text("run/imp/frr/frr.conf")).unwrap();
    }
    let script = format!(
        "cd {}; for conf in *; do vtysh -C -f \"$conf\" || {{ echo \"$conf\"; exit 1; }}; done",
        folder.path().display()
    );
    let _ = judge_by(
        release,
        "vtysh_takes_every_frr_conf",
        &["/usr/bin/vtysh"],
        folder.path(),
        "vtysh",
        &script,
    );
}

#[test]
fn nft_takes_every_rule_set_twice() {
    let folder = folder();
    for tree in trees() {
        if let Some(rules) = tree
            .rendered
            .files
            .iter()
            .find(|f| f.path == "run/imp/nftables.conf")
        {
            fs::write(folder.path().join(tree.name()), &rules.text).unwrap();
        }
    }
    let script = format!(
        "cd {}; for rules in *; do nft -f $rules; nft -f $rules; echo tables=$(nft list ruleset | grep -c 'policy drop'); done",
        folder.path().display()
    );
    if let Some(said) = judge(
        "nft_takes_every_rule_set_twice",
        &["/usr/sbin/nft"],
        folder.path(),
        "nft",
        &script,
    ) {
        assert!(
            !said.is_empty() && said.lines().all(|line| line == "tables=1"),
            "{said}"
        );
    }
}

/// FRR's daemons, the file read by `vtysh -b`, then what they say they run.
const FRR: &str = r#"
chown -R frr:frr "$DIR"
ip link set lo up
for daemon in zebra $DAEMONS staticd; do
    modules=
    [ $daemon != bgpd ] || modules=$MODULES
    /usr/lib/frr/$daemon -d $FILE -i "$DIR/$daemon.pid" -z "$DIR/zserv.api" --vty_socket "$DIR" -P 0 \
        -u frr -g frr $modules >>"$DIR/log" 2>&1
done
tries=0
for daemon in zebra $DAEMONS staticd; do
    until [ -S "$DIR/$daemon.vty" ] || [ $tries -gt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
done
vtysh --vty_socket "$DIR" --config_dir "$DIR" -b >>"$DIR/log" 2>&1
vtysh --vty_socket "$DIR" --config_dir "$DIR" -c 'show running-config'
# Of FRR 10 some end by themselves when zebra does.
for daemon in zebra $DAEMONS staticd; do kill "$(cat "$DIR/$daemon.pid")" 2>/dev/null || true; done
"#;

fn running_config(release: FrrRelease, tree: &Tree, folder: &Path) -> Option<String> {
    let text = |name: &str| tree.text(&format!("run/imp/frr/{name}"));
    fs::write(folder.join("frr.conf"), text("frr.conf")).unwrap();
    fs::write(folder.join("vtysh.conf"), text("vtysh.conf")).unwrap();
    let daemons = text("daemons")
        .lines()
        .filter_map(|line| line.strip_suffix("=yes"));
    let daemons: Vec<&str> = match release {
        FrrRelease::V8 => Vec::new(),
        FrrRelease::V10 => vec!["mgmtd"],
    }
    .into_iter()
    .chain(daemons.filter(|name| *name != "vtysh_enable"))
    .collect();
    let own = match release {
        FrrRelease::V8 => "FILE='-f /dev/null'",
        // mgmtd and what speaks to it have their sockets there wherever those for vtysh are. Not every daemon takes a file.
        FrrRelease::V10 => "FILE=; install -d -o frr -g frr /run/frr /var/lib/frr; ln -s /run /var/run",
    };
    let modules = match text("daemons").contains(" -M rpki") {
        true => "-M rpki",
        false => "",
    };
    let script = format!(
        "DIR={}; DAEMONS='{}'; MODULES='{modules}'; {own}{FRR}",
        folder.display(),
        daemons.join(" ")
    );
    let test = "what FRR runs of a tree";
    judge_by(
        release,
        test,
        &["/usr/lib/frr/zebra"],
        folder,
        tree.text("run/imp/hostname").trim(),
        &script,
    )
}

/// FRR 10 spells some of it otherwise; that is no difference for whoever compares the two on a router.
#[test]
fn frr_10_runs_what_is_rendered_without_a_difference() {
    for (tree, running) in running_configs(FrrRelease::V10) {
        let differences = differences(tree.text("run/imp/frr/frr.conf"), &running);
        assert!(differences.is_empty(), "{}: {differences:#?}", tree.name());
    }
}

#[test]
fn frr_runs_what_is_rendered_word_for_word() {
    for (tree, running) in running_configs(FrrRelease::V8) {
        // ospfd of 8.4 has it and prints it only while an area is active: here the interfaces are not there.
        let has_areas = tree.text("run/imp/frr/frr.conf").contains("\n area ");
        let conf = tree.text("run/imp/frr/frr.conf");
        let rendered = lines(&match has_areas {
            true => conf.to_owned(),
            false => conf.replace(" max-metric router-lsa administrative\n", ""),
        });
        let running = lines(running.split_once("Current configuration:").unwrap().1);
        let diff = similar::TextDiff::from_lines(&rendered, &running);
        let changes = diff.unified_diff().header("rendered", "running").to_string();
        assert!(changes.is_empty(), "{}:\n{changes}", tree.name());
    }
}

/// Every tree whose frr.conf is ours, with what FRR of a release runs when given it; none where there is no such FRR.
fn running_configs(release: FrrRelease) -> Vec<(Tree, String)> {
    let mut found = Vec::new();
    for tree in trees_for(release) {
        let config = tree.path.join("root/persistent/config");
        if config.join("templates/frr").exists() {
            continue; // the operator's own words, in the operator's own order
        }
        let folder = folder();
        let Some(running) = running_config(release, &tree, folder.path()) else {
            return Vec::new();
        };
        found.push((tree, running));
    }
    found
}

/// What counts of a configuration, each line with the block it is in: not its comments, not the version FRR puts first, not
/// where a block ends, and not the order of the blocks.
fn lines(text: &str) -> String {
    let counts = |line: &&str| {
        let word = line.trim_start();
        !word.is_empty() && !word.starts_with(['!', '#']) && !word.starts_with("exit") && word != "end"
    };
    let mut block: Vec<&str> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for line in text
        .lines()
        .filter(counts)
        .filter(|line| !line.starts_with("frr version"))
    {
        block.truncate(line.len() - line.trim_start().len());
        block.push(line.trim());
        lines.push(block.join(" / ") + "\n");
    }
    lines.sort_unstable();
    lines.concat()
}

#[test]
fn the_stand_in_takes_the_commands_of_every_tree() {
    if !crate::tree::vpp::has_python() {
        return;
    }
    for tree in trees()
        .iter()
        .filter(|tree| tree.rendered.placeholders.is_empty())
    {
        for file in &tree.rendered.files {
            let Some(name) = file.path.strip_prefix("run/imp/vpp/commands-") else {
                continue;
            };
            let startup = format!("run/imp/vpp/startup-{}.conf", name.trim_end_matches(".txt"));
            let startup = without_cores(tree.text(&startup));
            let folder = tree.path.join("root/persistent/config").canonicalize().unwrap();
            if let Err(words) = crate::tree::vpp::run_through_stand_in(&startup, &file.text, &folder) {
                panic!("{}/{}: {words}", tree.name(), file.path);
            }
        }
    }
}

/// The example's cores are not this machine's.
fn without_cores(startup: &str) -> String {
    let cores = |line: &&str| !line.contains("main-core") && !line.contains("corelist-workers");
    startup
        .lines()
        .filter(cores)
        .flat_map(|line| [line, "\n"])
        .collect()
}
