//! How much CPU the programs use, as a table:
//! `cargo build --release && cargo test --test main -- --ignored --nocapture bench::bench`.
//!
//! A benchmark, never a timed test: nothing here fails because a machine is slow.
#![allow(clippy::unwrap_used)]

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A size: its name, sub-interfaces, BGP peers, prefix-list entries, and the budget of check and render together in ms.
type Size = (&'static str, usize, usize, usize, Option<f64>);

const SIZES: [Size; 6] = [
    ("S", 2, 2, 0, None),
    ("M", 55, 50, 5_000, Some(6.0)),
    ("L", 500, 200, 25_000, Some(25.0)),
    ("XL", 2_000, 500, 250_000, Some(150.0)),
    ("L x2", 1_000, 400, 50_000, None),
    ("XL x2", 4_000, 1_000, 500_000, None),
];

/// The document of a site of a size: peers on the first sub-interfaces, one big list in front of all of them.
fn document((_, vlans, peers, entries, _): Size) -> String {
    let mut text = "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\nmain-core = 1\n\
        [loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n"
        .to_owned();
    for parent in 0..vlans.div_ceil(2_000) {
        let _ = writeln!(
            text,
            "[interfaces.ext{parent}]\nmatch = {{ pci = \"0000:65:00.{parent}\" }}"
        );
    }
    for i in 0..vlans {
        let (parent, tag) = (i / 2_000, i % 2_000 + 2);
        let (a, b) = (i / 64, i % 64 * 4);
        let _ = writeln!(
            text,
            "[interfaces.ext{parent}.vlan.{tag}]\ndescription = \"Customer {i}\"\nmtu = 1500\naddresses = [\"10.{}.{}.{}/30\"]",
            a / 256,
            a % 256,
            b + 1
        );
    }
    text.push_str("[bgp]\nasn = 64500\nnetworks = [\"203.0.113.0/24\"]\n");
    for i in 0..peers {
        let (a, b) = (i / 64, i % 64 * 4);
        let _ = writeln!(
            text,
            "[bgp.neighbors.\"10.{}.{}.{}\"]\ndescription = \"Peer {i}\"\nremote-as = {}\n\
             route-map = {{ in = \"IN\", out = \"OUT\" }}",
            a / 256,
            a % 256,
            b + 2,
            4_200_000_000u64 + i as u64
        );
    }
    text.push_str("[[route-maps.IN]]\naction = \"permit\"\nmatch = { prefix-list = \"CUSTOMERS\" }\n");
    text.push_str("[[route-maps.OUT]]\naction = \"permit\"\n[prefix-lists]\nCUSTOMERS = [\n");
    for i in 0..entries.max(1) {
        let _ = writeln!(
            text,
            "  \"{}.{}.{}.0/24 le 32\",",
            16 + (i >> 16),
            i >> 8 & 255,
            i & 255
        );
    }
    text.push_str("]\n");
    text
}

/// CPU time in milliseconds, the middle one of several runs.
fn cpu(command: &[&str], runs: usize) -> f64 {
    let mut times: Vec<f64> = (0..runs).map(|_| used(command)).collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn used(command: &[&str]) -> f64 {
    let total = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1000.0
    };
    let before = total();
    run(command);
    total() - before
}

/// A program of the release build beside this one, whatever this one is.
fn program(name: &str) -> String {
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).unwrap();
    let path = target.join("release").join(name);
    assert!(
        path.exists(),
        "{} is not there: run `cargo build --release`",
        path.display()
    );
    path.to_str().unwrap().to_owned()
}

fn run(command: &[&str]) -> bool {
    let mut child = Command::new(command[0]);
    child
        .args(&command[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    child.status().is_ok_and(|status| status.success())
}

/// The largest resident set in MB. The kernel keeps only the largest of all children, so a process of its own asks.
fn peak(command: &[&str]) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--nocapture", "--exact", "bench::one_command"])
        .env("IMP_BENCH_COMMAND", command.join("\n"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("peak ")).unwrap();
    line.1.trim().parse::<f64>().unwrap() / 1000.0
}

#[test]
#[ignore = "a part of the benchmark"]
fn one_command() {
    let Ok(command) = std::env::var("IMP_BENCH_COMMAND") else {
        return;
    };
    run(&command.split('\n').collect::<Vec<_>>());
    println!("peak {}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}

fn bytes_below(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            if path.is_dir() {
                bytes_below(&path)
            } else {
                fs::metadata(path).unwrap().len()
            }
        })
        .sum()
}

#[test]
#[ignore = "a benchmark: it prints a table"]
fn bench() {
    println!("CPU (user+sys) of the whole process in ms, middle of several runs; memory in MB");
    println!("config is imp-config at a first and a later start, most of it FRR's own check (vtysh -C)");
    println!(
        "{:<6} {:>6} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>9} {:>6}",
        "size", "in MB", "out MB", "check", "render", "budget", "config", "again", "generator", "peak"
    );
    for size in SIZES {
        row(size);
    }
    shapes();
    generators();
}

/// The list of the largest site in other shapes: what an editor, a generator or a file of its own makes of it.
fn shapes() {
    println!("\ncheck of XL by the shape of its prefix-list");
    let text = document(SIZES[3]);
    let (before, list) = text.split_once("CUSTOMERS = [\n").unwrap();
    let members: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    let one_line = format!("{before}CUSTOMERS = [\"{}\"]\n", members.join("\", \""));
    let in_file = format!("{before}CUSTOMERS = {{ file = \"lists/customers.txt\" }}\n");
    for (shape, text) in [
        ("a member a line", text.clone()),
        (
            "single quotes",
            text.replace("  \"", "  '").replace("\",\n", "',\n"),
        ),
        ("one line", one_line),
        ("a file", in_file),
    ] {
        let machine = tempfile::tempdir_in("/dev/shm").unwrap();
        let folder = machine.path().join("persistent/config");
        fs::create_dir_all(folder.join("lists")).unwrap();
        fs::write(folder.join("imp.toml"), &text).unwrap();
        fs::write(folder.join("lists/customers.txt"), members.join("\n")).unwrap();
        let impctl = program("impctl");
        let check = [&*impctl, "check", "--root", machine.path().to_str().unwrap()];
        assert!(run(&check), "{shape} is refused");
        println!("  {shape:<36} {:.2}", cpu(&check, 5));
    }
}

fn row(size: Size) {
    let machine = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let root = machine.path().to_str().unwrap();
    let folder = machine.path().join("persistent/config");
    let early = machine.path().join("usr/lib/imp/early");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(&early).unwrap();
    fs::write(early.join("frr.service"), "").unwrap();
    let text = document(size);
    fs::write(folder.join("imp.toml"), &text).unwrap();
    let output = format!("{root}/out");
    let [impctl, imp_config, imp_generator] = ["impctl", "imp-config", "imp-generator"].map(program);
    let check = [&*impctl, "check", "--root", root];
    let render = [&*impctl, "render", "--root", root, "--output", &output];
    let config = [&*imp_config, "--root", root];
    let dirs = ["normal", "early", "late"].map(|name| format!("{root}/{name}"));
    let generator = [&*imp_generator, "--root", root, &dirs[0], &dirs[1], &dirs[2]];
    assert!(run(&check), "the document of size {} is refused", size.0);
    let runs = if size.3 > 100_000 { 5 } else { 15 };
    let (checked, rendered) = (cpu(&check, runs), cpu(&render, runs));
    let (first, again) = (cpu(&config, 1), cpu(&config, 3));
    let (input, out) = (
        text.len() as f64 / 1e6,
        bytes_below(Path::new(&output)) as f64 / 1e6,
    );
    let budget = size.4.map_or("-".to_owned(), |budget| format!("{budget}"));
    println!(
        "{:<6} {input:>6.2} {out:>6.2} {checked:>8.2} {rendered:>8.2} {budget:>8} {first:>7.1} {again:>7.1} {:>9.2} {:>6.1}",
        size.0,
        cpu(&generator, 31),
        peak(&render),
    );
}

/// Our generator beside those of systemd, on a machine without a configuration.
fn generators() {
    let machine = tempfile::tempdir().unwrap();
    let dirs = ["normal", "early", "late"].map(|name| machine.path().join(name).display().to_string());
    let words = dirs.iter().map(String::as_str).collect::<Vec<_>>();
    println!("\ngenerators, each on an empty machine");
    let empty = machine.path().to_str().unwrap();
    let imp_generator = program("imp-generator");
    let ours = [&[&*imp_generator][..], &words, &["--root", empty]].concat();
    println!("  {:<36} {:.2}", "imp-generator", cpu(&ours, 31));
    let stock = fs::read_dir("/usr/lib/systemd/system-generators")
        .into_iter()
        .flatten();
    let mut stock: Vec<_> = stock.map(|entry| entry.unwrap().path()).collect();
    stock.sort();
    for path in stock {
        let command = [&[path.to_str().unwrap()][..], &words].concat();
        let name = path.file_name().unwrap().to_string_lossy();
        println!("  {name:<36} {:.2}", cpu(&command, 31));
    }
}
