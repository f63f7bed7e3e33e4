//! How much CPU the programs use and how large they are, as tables:
//! `cargo build --release && cargo test --test main -- --ignored --nocapture tree::bench`.
//!
//! A benchmark, never a timed test: nothing here fails because a machine is slow. Only the sizes have a limit.
#![allow(clippy::unwrap_used)]

mod vpp;

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

/// How the big prefix-list is written: TOML allows all of them, and an operator's generator may prefer any.
#[derive(Clone, Copy)]
enum Shape {
    Lines,
    OneLine,
    SingleQuotes,
    Comments,
    File,
}

/// Where the big list is when it has a file of its own.
const LIST: &str = "lists/customers.txt";

const SHAPES: [(&str, Shape); 5] = [
    ("one member per line", Shape::Lines),
    ("all members on one line", Shape::OneLine),
    ("single quotes", Shape::SingleQuotes),
    ("a comment behind each", Shape::Comments),
    ("a file of its own", Shape::File),
];

/// The document of a site of a size: peers on the first sub-interfaces, one big list for all of them.
fn document((_, vlans, peers, entries, _): Size, shape: Shape) -> String {
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
    text.push_str("[[route-maps.OUT]]\naction = \"permit\"\n[prefix-lists]\nCUSTOMERS = ");
    match shape {
        Shape::File => text += &format!("{{ file = \"{LIST}\" }}\n"),
        _ => text += &format!("[\n{}]\n", members(entries, shape)),
    }
    text
}

/// The members of the big list, as they are written in a shape.
fn members(entries: usize, shape: Shape) -> String {
    let member = |i: usize| {
        let prefix = format!("{}.{}.{}.0/24 le 32", 16 + (i >> 16), i >> 8 & 255, i & 255);
        match shape {
            Shape::Lines => format!("  \"{prefix}\",\n"),
            Shape::OneLine => format!("\"{prefix}\", "),
            Shape::SingleQuotes => format!("  '{prefix}',\n"),
            Shape::Comments => format!("  \"{prefix}\", # customer {i}\n"),
            Shape::File => format!("{prefix}\n"),
        }
    };
    (0..entries.max(1)).map(member).collect()
}

/// CPU time in milliseconds, the middle one of several runs.
fn cpu(command: &[String], runs: usize) -> f64 {
    let mut times: Vec<f64> = (0..runs).map(|_| used(command)).collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn used(command: &[String]) -> f64 {
    let total = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1000.0
    };
    let before = total();
    run(command);
    total() - before
}

/// A program of the release build beside this one, whatever this one is.
pub fn program(name: &str) -> String {
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

fn run(command: &[String]) -> bool {
    let mut child = Command::new(&command[0]);
    child
        .args(&command[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    child.status().is_ok_and(|status| status.success())
}

/// The largest resident set in MB. The kernel keeps only the largest of all children, so a process of its own asks.
fn peak(command: &[String]) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--nocapture", "--exact", "tree::bench::one_command"])
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
    run(&command.split('\n').map(str::to_owned).collect::<Vec<_>>());
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
    println!("config is imp-config at a first and a later start, reload is one without a change");
    println!(
        "{}",
        match Path::new("/usr/bin/vtysh").exists() {
            true => "the last three contain FRR's own check (vtysh -C)",
            false => "the last three are without FRR's own check, which is not installed",
        }
    );
    println!(
        "{:<6} {:>6} {:>6} {:>8} {:>8} {:>8} {:>9} {:>6} {:>7} {:>7} {:>7}",
        "size",
        "in MB",
        "out MB",
        "check",
        "render",
        "budget",
        "generator",
        "peak",
        "config",
        "again",
        "reload"
    );
    for size in SIZES {
        row(size);
    }
    println!("\ncheck at XL, by how the prefix-list is written");
    for (name, shape) in SHAPES {
        let site = Site::new(SIZES[3], shape);
        println!("  {name:<24} {:>8.2}", cpu(&site.impctl(&["check"]), 5));
    }
    differences();
    vpp::changes();
    generators();
}

/// An edit of a document of a size.
type Edit<'e> = &'e dyn Fn(&str, Size) -> String;

/// `impctl diff` on a machine that runs the documents before they are edited, and the reload that writes what differs.
fn differences() {
    println!("\na changed document, on a machine that runs the one before");
    println!("  {:<28} {:>8} {:>8}", "", "diff", "reload");
    let ten = |text: &str, size: Size| {
        let mut edited = text.to_owned();
        for n in 0..10 {
            let member = members(n * (size.3 / 10) + 1, Shape::Lines);
            let member = member.lines().last().unwrap().to_owned() + "\n";
            let line = format!("  \"{}.{n}.{n}.0/24 le 32\",\n", 200 + n);
            edited = edited.replacen(&member, &(member.clone() + &line), 1);
        }
        edited
    };
    let one = |text: &str, _| text.replacen("\"Customer 7\"", "\"Customer seven\"", 1);
    let none = |text: &str, _| text.to_owned();
    let rows: [(&str, Size, Edit<'_>); 3] = [
        ("L, nothing changed", SIZES[2], &none),
        ("L, one description", SIZES[2], &one),
        ("XL, ten of 250,000 members", SIZES[3], &ten),
    ];
    for (name, size, edit) in rows {
        let site = Site::new(size, Shape::Lines);
        run(&site.command("imp-config", &[]));
        let path = site.path("persistent/config/imp.toml");
        let text = fs::read_to_string(&path).unwrap();
        let edited = edit(&text, size);
        fs::write(&path, &edited).unwrap();
        let diff = cpu(&site.impctl(&["diff"]), 5);
        // There and back, so that every reload finds the same difference.
        let reload = site.command("imp-config", &["--reload"]);
        let mut reloads: Vec<f64> = [&edited, &text, &edited, &text, &edited]
            .map(|text| {
                fs::write(&path, text).unwrap();
                used(&reload)
            })
            .to_vec();
        reloads.sort_by(f64::total_cmp);
        println!("  {name:<28} {diff:>8.2} {:>8.2}", reloads[2]);
    }
}

/// A machine with the document of a size, and what the package has below `/usr/lib/imp`.
struct Site {
    machine: tempfile::TempDir,
    input: f64,
}

impl Site {
    fn new(size: Size, shape: Shape) -> Self {
        let machine = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let folder = machine.path().join("persistent/config");
        let early = machine.path().join("usr/lib/imp/early");
        fs::create_dir_all(folder.join("lists")).unwrap();
        fs::create_dir_all(&early).unwrap();
        fs::write(early.join("frr.service"), "").unwrap();
        let text = document(size, shape);
        fs::write(folder.join("imp.toml"), &text).unwrap();
        fs::write(folder.join(LIST), members(size.3, Shape::File)).unwrap();
        let site = Self {
            machine,
            input: text.len() as f64 / 1e6,
        };
        let check = site.impctl(&["check"]);
        assert!(run(&check), "the document of size {} is refused", size.0);
        site
    }

    fn path(&self, name: &str) -> String {
        self.machine.path().join(name).display().to_string()
    }

    /// A program with the words, on this machine.
    fn command(&self, name: &str, words: &[&str]) -> Vec<String> {
        let mut command = vec![program(name), "--root".to_owned(), self.path("")];
        command.extend(words.iter().map(ToString::to_string));
        command
    }

    fn impctl(&self, words: &[&str]) -> Vec<String> {
        let mut command = vec![program("impctl")];
        command.extend(words.iter().map(ToString::to_string));
        command.extend(["--root".to_owned(), self.path("")]);
        command
    }
}

fn row(size: Size) {
    let site = Site::new(size, Shape::Lines);
    let runs = if size.3 > 100_000 { 5 } else { 15 };
    let output = site.path("out");
    let render = site.impctl(&["render", "--output", &output]);
    let dirs = ["normal", "early", "late"].map(|name| site.path(name));
    let [checked, rendered] = [site.impctl(&["check"]), render.clone()].map(|command| cpu(&command, runs));
    let generator = site.command("imp-generator", &[&dirs[0], &dirs[1], &dirs[2]]);
    let config = site.command("imp-config", &[]);
    let reload = site.command("imp-config", &["--reload"]);
    let budget = size.4.map_or("-".to_owned(), |budget| format!("{budget}"));
    println!(
        "{:<6} {:>6.2} {:>6.2} {checked:>8.2} {rendered:>8.2} {budget:>8} {:>9.2} {:>6.1} {:>7.1} {:>7.1} {:>7.1}",
        size.0,
        site.input,
        bytes_below(Path::new(&output)) as f64 / 1e6,
        cpu(&generator, 31),
        peak(&render),
        cpu(&config, 1),
        cpu(&config, 3),
        cpu(&reload, 5),
    );
}

/// Our generator beside those of systemd, on a machine without a configuration.
fn generators() {
    let machine = tempfile::tempdir().unwrap();
    let path = |name: &str| machine.path().join(name).display().to_string();
    let dirs = ["normal", "early", "late"].map(path);
    println!("\ngenerators, each on an empty machine");
    let ours = [
        &[program("imp-generator")][..],
        &dirs,
        &["--root".to_owned(), path("")],
    ]
    .concat();
    println!("  {:<36} {:.2}", "imp-generator", cpu(&ours, 31));
    let stock = fs::read_dir("/usr/lib/systemd/system-generators")
        .into_iter()
        .flatten();
    let mut stock: Vec<_> = stock.map(|entry| entry.unwrap().path()).collect();
    stock.sort();
    for path in stock {
        let command = [&[path.display().to_string()][..], &dirs].concat();
        let name = path.file_name().unwrap().to_string_lossy();
        println!("  {name:<36} {:.2}", cpu(&command, 31));
    }
}

const PROGRAMS: [&str; 11] = [
    "imp-machine-id",
    "imp-generator",
    "imp-boot",
    "imp-config",
    "imp-identity",
    "imp-netns",
    "imp-nic",
    "imp-vpp",
    "imp-frr",
    "imp-incus",
    "impctl",
];

/// What all programs of the package may take together, in MB: they are in every image that a router keeps. A little above what
/// they take, which grows with the language: imp-config and impctl, which read it, are more than half.
const LIMIT: f64 = 37.0;

#[test]
#[ignore = "needs the release build"]
fn sizes() {
    let sizes = PROGRAMS.map(|name| fs::metadata(program(name)).unwrap().len() as f64 / 1e6);
    for (name, size) in PROGRAMS.iter().zip(sizes) {
        println!("{name:<16} {size:>6.2} MB");
    }
    let sum: f64 = sizes.iter().sum();
    println!("{:<16} {sum:>6.2} MB, limit {LIMIT}", "together");
    assert!(sum <= LIMIT, "the programs take {sum:.2} MB, more than {LIMIT}");
}
