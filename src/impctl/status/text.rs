//! A report for people: what is wrong first, then a section for each part.

use super::dataplane;
use super::finding::{Finding, Weight};
use super::report::{Image, Instance, Report};
use crate::boot::record::Verdict;
use crate::health::frr::{BgpPeer, RouteCount};
use crate::impctl::columns::{columns, duration, row, size};
use crate::impctl::nics;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";

/// The whole text.
pub fn text(report: &Report, colour: bool) -> String {
    let mut text = verdict(report, colour);
    text += &applied(report);
    if let Some(image) = &report.image {
        let _ = writeln!(text, "{}", of_image(image, report.boot.as_ref()));
    }
    for line in report.verdict.iter().flat_map(|status| &status.problems) {
        let _ = writeln!(text, "  {line}");
    }
    text += &findings(&report.findings, colour);
    for notice in &report.notices {
        let _ = writeln!(text, "  {notice}");
    }
    let sections = [
        ("units", units(report)),
        ("nics", nics::lines("  ", report.nics.iter().flatten())),
        (
            "vpp",
            columns("  ", &report.vpp.iter().map(instance).collect::<Vec<_>>()),
        ),
        ("bonds", dataplane::bonds(report)),
        ("bridges", dataplane::bridges(report)),
        ("tunnels", dataplane::tunnels(report)),
        ("vrrp", dataplane::virtual_routers(report)),
        ("acls", dataplane::acls(report)),
        ("policers", dataplane::policers(report)),
        ("dhcp relays", dataplane::relays(report)),
        ("sflow", dataplane::sflow(report)),
        ("ipfix", dataplane::flows(report)),
        ("bgp", peers(report)),
        ("ospf", neighbors(report)),
        ("isis", neighbors_of_isis(report)),
        ("routes", routes(report.routes.as_deref().unwrap_or_default())),
        ("incus", bridges(report)),
    ];
    for (name, lines) in sections.iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(text, "{name}\n{lines}");
    }
    text
}

fn painted(text: &str, paint: &str, colour: bool) -> String {
    match colour {
        true => format!("{paint}{text}\x1b[0m"),
        false => text.to_owned(),
    }
}

fn verdict(report: &Report, colour: bool) -> String {
    match &report.verdict {
        Some(status) if status.is_accepted() => status.sentence() + "\n",
        Some(status) => painted(&status.sentence(), RED, colour) + "\n",
        None => "imp-config has not finished yet\n".to_owned(),
    }
}

/// `applied 3 h 2 min ago by alice: ticket 4711; 4 min left to confirm it`
fn applied(report: &Report) -> String {
    let Some((running, age)) = report
        .generation
        .as_ref()
        .and_then(|running| Some((running, running.age_s?)))
    else {
        return String::new();
    };
    let author = running.author.as_ref().map(|author| format!(" by {author}"));
    let message = running.message.as_ref().map(|message| format!(": {message}"));
    let left = report
        .confirm
        .as_ref()
        .map(|waiting| format!("; {} left to confirm it", duration(waiting.left_s)));
    let parts = [author, message, left].map(Option::unwrap_or_default);
    format!("applied {} ago{}\n", duration(age), parts.concat())
}

fn of_image(image: &Image, verdict: Option<&Verdict>) -> String {
    let name = image.name.as_ref().map_or("an unknown image", AsRef::as_ref);
    let verdict = match verdict {
        None => "no verdict yet",
        Some(Verdict::Healthy) => "healthy",
        Some(Verdict::Good) => "good",
        Some(Verdict::GivenUp(_)) => "rejected",
        Some(Verdict::Alarm(_)) => "not healthy",
    };
    format!("{name} runs: {}, {verdict}", image.class)
}

fn findings(findings: &[Finding], colour: bool) -> String {
    let width = findings
        .iter()
        .map(|it| it.about.chars().count())
        .max()
        .unwrap_or(0);
    let line = |finding: &Finding| {
        let (word, paint) = match finding.weight {
            Weight::Wrong => ("WRONG", RED),
            Weight::Warning => ("warning", YELLOW),
        };
        let word = painted(&format!("{word:<7}"), paint, colour);
        format!("{word}  {:<width$}  {}\n", finding.about, finding.text)
    };
    findings.iter().map(line).collect()
}

fn units(report: &Report) -> String {
    let rows: Vec<_> = report
        .units
        .iter()
        .flatten()
        .map(|unit| vec![unit.name.clone(), format!("{} ({})", unit.active, unit.sub)])
        .collect();
    columns("  ", &rows)
}

/// `core  process 812, configured  2 workers  heap 74.5 MiB of 1.0 GiB  buffers 24 of 16800  3 drops`
fn instance(instance: &Instance) -> Vec<String> {
    let process = instance
        .process
        .map_or_else(|| "no process".to_owned(), |pid| format!("process {pid}"));
    let state = match instance.configured {
        true => "configured",
        false => "NOT configured",
    };
    let mut cells = vec![instance.name.to_string(), format!("{process}, {state}")];
    if let Some(vitals) = &instance.vitals {
        let heap = vitals.heap.as_ref();
        let pools = vitals.buffers.iter();
        let (used, total) = pools.fold((0, 0), |sum, pool| (sum.0 + pool.used, sum.1 + pool.total));
        let errors = vitals.errors.iter().filter(|it| it.severity == "error");
        cells.extend([
            format!("{} workers", vitals.workers),
            heap.map_or_else(String::new, |heap| {
                format!("heap {} of {}", size(heap.used), size(heap.total))
            }),
            match total {
                0 => String::new(),
                total => format!("buffers {used} of {total}"),
            },
            format!("{} drops", vitals.drops()),
            format!("{} errors", errors.map(|it| it.count).sum::<u64>()),
        ]);
    }
    cells
}

fn peers(report: &Report) -> String {
    let peers = report.bgp.iter().flatten();
    let line = |(address, peer): (&String, &BgpPeer)| {
        let since = peer
            .established_s
            .map(|seconds| format!("for {}", duration(seconds)));
        vec![
            address.clone(),
            peer.state.clone(),
            since.unwrap_or_default(),
            format!("received {}", by_family(&peer.prefixes)),
            format!("sent {}", by_family(&peer.sent)),
        ]
    };
    // Those that are down first, those that are shut down last.
    let rank = |peer: &BgpPeer| match (peer.is_established(), peer.is_shut()) {
        (false, false) => 0,
        (true, _) => 1,
        (false, true) => 2,
    };
    let mut sorted: Vec<(&String, &BgpPeer)> = peers.collect();
    sorted.sort_by_key(|(_, peer)| rank(peer));
    columns("  ", &sorted.into_iter().map(line).collect::<Vec<_>>())
}

/// `12 ipv4, 3 ipv6`
fn by_family(counts: &BTreeMap<String, u64>) -> String {
    let counts = counts.iter();
    let words: Vec<String> = counts
        .map(|(family, count)| format!("{count} {}", family.trim_end_matches("Unicast")))
        .collect();
    words.join(", ")
}

fn neighbors(report: &Report) -> String {
    let neighbors = report.ospf.iter().flatten();
    let rows: Vec<_> = neighbors
        .map(|it| {
            let version = match it.version {
                3 => "OSPFv3",
                _ => "OSPF",
            };
            row([version, &it.id, &it.interface, &it.state])
        })
        .collect();
    columns("  ", &rows)
}

fn neighbors_of_isis(report: &Report) -> String {
    let neighbors = report.isis.iter().flatten();
    let rows: Vec<_> = neighbors
        .map(|it| {
            let level = match it.level {
                3 => "level 1 and 2".to_owned(),
                level => format!("level {level}"),
            };
            row([level.as_str(), &it.id, &it.interface, &it.state])
        })
        .collect();
    columns("  ", &rows)
}

/// `IPv4  6, 5 in the kernel  connected 1, static 2, ebgp 2, ospf 1`
fn routes(counts: &[RouteCount]) -> String {
    let of_family = |family: u8| {
        let counts: Vec<_> = counts.iter().filter(|it| it.family == family).collect();
        let total = |count: fn(&RouteCount) -> u64| counts.iter().map(|it| count(it)).sum::<u64>();
        let (rib, fib) = (total(|it| it.rib), total(|it| it.fib));
        let origins: Vec<String> = counts
            .iter()
            .map(|it| format!("{} {}", it.origin, it.rib))
            .collect();
        (!counts.is_empty()).then(|| {
            vec![
                format!("IPv{family}"),
                format!("{rib}, {fib} in the kernel"),
                origins.join(", "),
            ]
        })
    };
    let rows: Vec<_> = [4, 6].into_iter().filter_map(of_family).collect();
    columns("  ", &rows)
}

fn bridges(report: &Report) -> String {
    let bridges = report.bridges.iter().flatten();
    let rows: Vec<_> = bridges
        .map(|(name, bridge)| {
            row([
                name,
                match (bridge.exists, bridge.joined) {
                    (false, _) => "not there",
                    (true, false) => "NOT joined to VPP",
                    (true, true) => "joined to VPP",
                },
                match bridge.served {
                    true => "DHCP and DNS served",
                    false => "no DHCP, no DNS",
                },
            ])
        })
        .collect();
    columns("  ", &rows)
}
