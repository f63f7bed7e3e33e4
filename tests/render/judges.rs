//! The programs that read the rendered files say what they think of them.

use super::{Tree, trees};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs it, or says on one line why not.
fn run(what: &str, command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("skipped: {what}: {error}");
            None
        }
    }
}

fn words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[test]
fn vtysh_takes_every_frr_conf() {
    for tree in trees() {
        let folder = tempfile::tempdir().unwrap();
        let conf = folder.path().join("frr.conf");
        fs::write(&conf, tree.text("run/imp/frr/frr.conf")).unwrap();
        let mut vtysh = Command::new("vtysh");
        let Some(output) = run("vtysh -C", vtysh.args(["-C", "-f"]).arg(&conf)) else {
            return;
        };
        assert!(output.status.success(), "{}: {}", tree.name(), words(&output));
    }
}

#[test]
fn nft_takes_every_rule_set_twice() {
    for tree in trees() {
        let Some(rules) = tree
            .rendered
            .files
            .iter()
            .find(|f| f.path == "run/imp/nftables.conf")
        else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nftables.conf");
        fs::write(&path, &rules.text).unwrap();
        let twice = format!("nft -f {0} && nft -f {0} && nft list ruleset", path.display());
        let mut nft = Command::new("unshare");
        let Some(output) = run("nft", nft.args(["-rn", "sh", "-c", &twice])) else {
            return;
        };
        let words = words(&output);
        if words.contains("not found") || words.contains("unshare:") {
            println!("skipped: nft: {}", words.trim());
            return;
        }
        assert!(output.status.success(), "{}: {words}", tree.name());
        assert_eq!(words.matches("policy drop").count(), 1, "{words}");
    }
}

/// FRR's daemons in a network and host name of their own, the file read by `vtysh -b`, then what they say they run.
const FRR: &str = r#"
set -e
hostname "$HOST"
ip link set lo up
for daemon in zebra $DAEMONS staticd; do
    /usr/lib/frr/$daemon -d -i "$DIR/$daemon.pid" -z "$DIR/zserv.api" --vty_socket "$DIR" -P 0 \
        -f /dev/null -u frr -g frr >>"$DIR/log" 2>&1
done
tries=0
for daemon in zebra $DAEMONS staticd; do
    until [ -S "$DIR/$daemon.vty" ] || [ $tries -gt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
done
vtysh --vty_socket "$DIR" --config_dir "$DIR" -b >>"$DIR/log" 2>&1
vtysh --vty_socket "$DIR" --config_dir "$DIR" -c 'show running-config'
for daemon in zebra $DAEMONS staticd; do kill "$(cat "$DIR/$daemon.pid")"; done
"#;

fn running_config(tree: &Tree, folder: &Path) -> Option<String> {
    let text = |name: &str| tree.text(&format!("run/imp/frr/{name}"));
    fs::write(folder.join("frr.conf"), text("frr.conf")).unwrap();
    fs::write(folder.join("vtysh.conf"), text("vtysh.conf")).unwrap();
    let daemons = text("daemons")
        .lines()
        .filter_map(|line| line.strip_suffix("=yes"));
    let daemons: Vec<&str> = daemons.filter(|name| *name != "vtysh_enable").collect();
    let mut owned = Command::new("chown");
    run("chown", owned.args(["-R", "frr:frr"]).arg(folder))?;
    let mut shell = Command::new("unshare");
    shell
        .args(["-n", "-u", "sh", "-c", FRR])
        .env("DIR", folder)
        .env("HOST", tree.text("run/imp/hostname").trim())
        .env("DAEMONS", daemons.join(" "));
    let output = run("FRR", &mut shell)?;
    assert!(
        output.status.success(),
        "{}: {}{}",
        tree.name(),
        words(&output),
        fs::read_to_string(folder.join("log")).unwrap_or_default()
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn frr_runs_what_is_rendered_word_for_word() {
    if !nix::unistd::geteuid().is_root() || !Path::new("/usr/lib/frr/zebra").exists() {
        println!("skipped: FRR's daemons need root and the package frr");
        return;
    }
    for tree in trees() {
        let config = tree.path.join("root/persistent/config");
        if config.join("templates/frr").exists() {
            continue; // the operator's own words, in the operator's own order
        }
        let folder = tempfile::Builder::new().prefix("frr").tempdir_in("/tmp").unwrap();
        let Some(running) = running_config(&tree, folder.path()) else {
            return;
        };
        let mut rendered = lines(tree.text("run/imp/frr/frr.conf"));
        let mut running = lines(running.split_once("Current configuration:").unwrap().1);
        if config.join("extra").exists() {
            rendered.sort_unstable();
            running.sort_unstable();
        }
        let diff = similar::TextDiff::from_slices(&rendered, &running);
        let changes = diff.unified_diff().header("rendered", "running").to_string();
        assert!(changes.is_empty(), "{}:\n{changes}", tree.name());
    }
}

/// What counts of a configuration: not its comments, and not the version FRR puts first.
fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| {
            !line.trim_start().starts_with('!') && !line.starts_with("frr version") && !line.is_empty()
        })
        .collect()
}

#[test]
fn the_stand_in_takes_the_commands_of_every_tree() {
    if !crate::vpp::has_python() {
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
            if let Err(words) = crate::vpp::run_through_stand_in(&startup, &file.text) {
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
