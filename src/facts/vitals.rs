//! How a VPP is, in its own words: its workers, memory, links, and the packets it did not forward.
//!
//! Read from what `show` prints, as 25.06 does; a line that is not understood is left out.

mod bond;
mod bridge;
mod filter;
mod names;
mod told;
mod tunnel;

pub use self::bond::{BondMember, BondState, Lacp};
pub use self::bridge::DomainState;
pub use self::filter::{AclState, Amount, PolicerState};
pub(super) use self::names::Names;
pub use self::told::{RelayState, SflowState};
pub use self::tunnel::TunnelState;

use super::vrrp::{self, VirtualRouter};
use crate::host::vpp::{Client, ClientError};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a VPP says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Vitals {
    /// Its worker threads.
    pub workers: usize,
    /// Its main heap.
    pub heap: Option<Heap>,
    /// Its packet buffers.
    pub buffers: Vec<BufferPool>,
    /// What its nodes counted.
    pub errors: Vec<ErrorCount>,
    /// The counters of each interface.
    pub interfaces: Vec<InterfaceCount>,
    /// The links of its hardware.
    pub links: Vec<HardwareLink>,
    /// Its bonds.
    pub bonds: Vec<BondState>,
    /// Its bridge domains.
    pub bridge_domains: Vec<DomainState>,
    /// Its tunnels.
    pub tunnels: Vec<TunnelState>,
    /// The virtual routers it takes part in.
    pub virtual_routers: Vec<VirtualRouter>,
    /// Its ACLs.
    pub acls: Vec<AclState>,
    /// Its policers.
    pub policers: Vec<PolicerState>,
    /// Its relays of DHCP.
    pub relays: Vec<RelayState>,
    /// What it samples.
    pub sflow: Option<SflowState>,
    /// The interfaces whose flows it reports.
    pub flows: Vec<String>,
}

/// A heap, in bytes. VPP rounds to a hundredth of the unit it prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Heap {
    /// Its size.
    pub total: u64,
    /// What is in use.
    pub used: u64,
}

/// A pool of packet buffers, in buffers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BufferPool {
    /// `default-numa-0`.
    pub name: String,
    /// Its size.
    pub total: u64,
    /// What is in use; what threads keep at hand is not.
    pub used: u64,
}

/// A counter of `show errors`. Not each is an error: the severity tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ErrorCount {
    /// The node of VPP's graph.
    pub node: String,
    /// What it counts.
    pub reason: String,
    /// `error`, `warn`, `info` …
    pub severity: String,
    /// How often since VPP started.
    pub count: u64,
}

/// The counters of an interface since VPP started; those that are zero are not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct InterfaceCount {
    /// Its name, of which VPP shows 32 characters.
    pub name: String,
    /// Whether it is administratively up.
    pub up: bool,
    /// `rx packets`, `tx bytes`, `drops` …
    pub counters: BTreeMap<String, u64>,
}

/// The link of an interface that has hardware.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HardwareLink {
    /// The interface.
    pub name: String,
    /// Whether it has carrier.
    pub carrier: bool,
    /// Its speed in megabits per second, if VPP knows it.
    pub speed: Option<u64>,
}

impl Vitals {
    /// Asks the VPP. Each answer takes it milliseconds. Where a plugin is not loaded VPP does not know the question, and there
    /// is nothing of its.
    pub fn ask(client: &mut Client) -> Result<Self, ClientError> {
        let mut show = |what: &str| Ok::<_, ClientError>(client.run(&format!("show {what}"))?.text);
        let interface = show("interface")?;
        let (names, counts) = (Names::of(&interface), interfaces(&interface));
        let mut vitals = Self {
            workers: workers(&show("threads")?),
            heap: heap(&show("memory main-heap")?),
            buffers: buffers(&show("buffers")?),
            errors: errors(&show("errors")?),
            links: links(&show("hardware-interfaces")?),
            bonds: bond::bonds(&show("bond details")?, &show("lacp")?, &names),
            bridge_domains: bridge::domains(&show("bridge-domain")?),
            virtual_routers: vrrp::virtual_routers(&show("vrrp vr")?, &names),
            acls: filter::acls(&show("acl-plugin acl")?, &show("acl-plugin interface")?, &names),
            policers: filter::policers(&show("policer")?),
            relays: told::relays(&show("dhcp proxy")?, false),
            sflow: told::sflow(&show("sflow")?),
            flows: told::flows(&show("flowprobe feature")?),
            ..Self::default()
        };
        vitals.relays.extend(told::relays(&show("dhcpv6 proxy")?, true));
        for domain in &mut vitals.bridge_domains {
            domain.members = bridge::members(&show(&format!("bridge-domain {} int", domain.number))?);
        }
        for kind in tunnel::KINDS {
            let shown = show(&format!("{kind} tunnel"))?;
            vitals
                .tunnels
                .extend(tunnel::tunnels(kind, &shown, &names, &counts));
        }
        vitals
            .tunnels
            .extend(tunnel::peers(&show("wireguard peer")?, &counts));
        vitals.interfaces = counts;
        Ok(vitals)
    }

    /// Its bonds and links alone.
    pub fn links(client: &mut Client) -> Result<(Vec<BondState>, Vec<HardwareLink>), ClientError> {
        let mut show = |what: &str| Ok::<_, ClientError>(client.run(&format!("show {what}"))?.text);
        let interface = show("interface")?;
        let bonds = bond::bonds(&show("bond details")?, &show("lacp")?, &Names::of(&interface));
        Ok((bonds, links(&show("hardware-interfaces")?)))
    }

    /// What of it is no counter, and changes when something happens.
    pub fn gist(&self) -> String {
        let domains = self.bridge_domains.iter();
        let domains: Vec<_> = domains.map(|it| (it.number, &it.members, &it.bvi)).collect();
        let policers: Vec<_> = self.policers.iter().map(|it| &it.name).collect();
        let sampled = self.sflow.as_ref().map(|sflow| &sflow.interfaces);
        let routers = &self.virtual_routers;
        let (bonds, tunnels, acls, relays) = (&self.bonds, &self.tunnels, &self.acls, &self.relays);
        let flows = &self.flows;
        format!(
            "{bonds:?} {domains:?} {tunnels:?} {routers:?} {acls:?} {policers:?} {relays:?} {sampled:?} {flows:?}"
        )
    }

    /// The packets its interfaces dropped.
    pub fn drops(&self) -> u64 {
        let drops = self.interfaces.iter().filter_map(|it| it.counters.get("drops"));
        drops.sum()
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// `1      vpp_wk_0            workers     1236    other (0)   2 …`
fn workers(shown: &str) -> usize {
    let is_worker = |line: &&str| matches!(words(line)[..], [_, _, "workers", ..]);
    shown.lines().filter(is_worker).count()
}

/// `    total: 1023.99M, used: 74.53M, free: 949.46M, trimmable: 949.13M`
fn heap(shown: &str) -> Option<Heap> {
    let line = shown.lines().find(|line| line.trim().starts_with("total:"))?;
    let size = |name: &str| {
        let part = line.split(',').find_map(|part| part.trim().strip_prefix(name))?;
        bytes(part.trim())
    };
    Some(Heap {
        total: size("total:")?,
        used: size("used:")?,
    })
}

/// `74.53M` in bytes.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" => f64::from(1 << 10),
        "m" => f64::from(1 << 20),
        "g" => f64::from(1 << 30),
        "t" => f64::from(1 << 30) * f64::from(1 << 10),
        _ => return None,
    };
    let number: f64 = digits.parse().ok()?;
    (number >= 0.0).then_some((number * unit) as u64)
}

/// `default-numa-0     0     0   2496     2048    16800  16800     0       0`
fn buffers(shown: &str) -> Vec<BufferPool> {
    let pool = |line: &str| match words(line)[..] {
        [name, _, _, _, _, total, _, _, used] => Some(BufferPool {
            name: name.to_owned(),
            total: total.parse().ok()?,
            used: used.parse().ok()?,
        }),
        _ => None,
    };
    shown.lines().filter_map(pool).collect()
}

/// `         7       ip4-local            ip4 source lookup miss        error`
fn errors(shown: &str) -> Vec<ErrorCount> {
    let error = |line: &str| match words(line)[..] {
        [count, node, ref reason @ .., severity] if !reason.is_empty() => Some(ErrorCount {
            count: count.parse().ok()?,
            node: node.to_owned(),
            reason: reason.join(" "),
            severity: severity.to_owned(),
        }),
        _ => None,
    };
    shown.lines().filter_map(error).collect()
}

/// `external  1  up  9000/0/0/0  rx packets  5`, and a line that begins with blanks for each further counter.
fn interfaces(shown: &str) -> Vec<InterfaceCount> {
    let mut found: Vec<InterfaceCount> = Vec::new();
    for line in shown.lines() {
        let counter = match words(line)[..] {
            [name, _, state @ ("up" | "down"), _, ref counter @ ..] if !line.starts_with(' ') => {
                found.push(InterfaceCount {
                    name: name.to_owned(),
                    up: state == "up",
                    counters: BTreeMap::new(),
                });
                counter.to_vec()
            }
            ref counter if line.starts_with(' ') => counter.to_vec(),
            _ => continue,
        };
        if let ([name @ .., count], Some(interface)) = (&counter[..], found.last_mut())
            && let Ok(count) = count.parse()
        {
            interface.counters.insert(name.join(" "), count);
        }
    }
    found
}

/// `external   1     up   external`, then lines that begin with blanks: `  Link speed: 10 Gbps`.
fn links(shown: &str) -> Vec<HardwareLink> {
    let mut found: Vec<HardwareLink> = Vec::new();
    for line in shown.lines() {
        match words(line)[..] {
            [name, _, link @ ("up" | "down"), ..] if !line.starts_with(' ') => found.push(HardwareLink {
                name: name.to_owned(),
                carrier: link == "up",
                speed: None,
            }),
            ["Link", "speed:", number, unit] => {
                let factor = match unit {
                    "Gbps" => 1000.0,
                    "Mbps" => 1.0,
                    _ => continue,
                };
                if let (Ok(number), Some(link)) = (number.parse::<f64>(), found.last_mut()) {
                    link.speed = Some((number * factor) as u64);
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_any_unit() {
        assert_eq!(bytes("512"), Some(512));
        assert_eq!(bytes("1.50k"), Some(1536));
        assert_eq!(bytes("1023.99M"), Some(1_073_731_338));
        assert_eq!(bytes("2G"), Some(2 << 30));
        assert_eq!((bytes("fast"), bytes("-1M"), bytes("1X")), (None, None, None));
    }

    #[test]
    fn workers_and_memory_are_found() {
        let threads = "ID     Name                Type        LWP     Sched Policy (Priority)  lcore  Core   Socket State\n\
            0      vpp_main                        812     other (0)                1      1      0\n\
            1      vpp_wk_0            workers     814     other (0)                2      2      0\n\
            2      vpp_wk_1            workers     815     other (0)                3      3      0\n";
        assert_eq!(workers(threads), 2);
        let memory = "Thread 0 vpp_main\n  base 0x7f3e5ba06000, size 1g, locked, unmap-on-destroy, name 'main heap'\n    \
            page stats: page-size 4K, total 262144, mapped 20437, not-mapped 241707\n      numa 0: 20437 pages, 79.83m bytes\n    \
            total: 1023.99M, used: 64M, free: 959.99M, trimmable: 949.13M\n";
        assert_eq!(
            heap(memory),
            Some(Heap {
                total: 1_073_731_338,
                used: 64 << 20
            })
        );
        assert_eq!(heap("Thread 0 vpp_main"), None);
        let pools = "Pool Name            Index NUMA  Size  Data Size  Total  Avail  Cached   Used\n\
            default-numa-0         0     0   2496     2048    16800  16712    64      24\n";
        let pool = BufferPool {
            name: "default-numa-0".to_owned(),
            total: 16800,
            used: 24,
        };
        assert_eq!(buffers(pools), [pool]);
    }

    #[test]
    fn a_reason_has_blanks_and_an_interface_many_counters() {
        let shown = "   Count                  Node                              Reason               Severity\n         \
            7             ip4-local               ip4 source lookup miss           error\n";
        let [error] = &errors(shown)[..] else { panic!() };
        assert_eq!(
            (
                error.count,
                error.node.as_str(),
                error.reason.as_str(),
                error.severity.as_str()
            ),
            (7, "ip4-local", "ip4 source lookup miss", "error")
        );
        let shown = "              Name               Idx    State  MTU (L3/IP4/IP6/MPLS)     Counter          Count\n\
            external                          1      up          9000/0/0/0     rx packets                   5\n                                                                    \
            rx bytes                   420\n                                                                    \
            drops                        3\n\
            local0                            0     down          0/0/0/0\n";
        let found = interfaces(shown);
        assert_eq!(found[0].counters["rx bytes"], 420);
        assert_eq!(found[1].counters.len(), 0);
        assert!(found[0].up && !found[1].up);
        let vitals = Vitals {
            interfaces: found,
            ..Vitals::default()
        };
        assert_eq!(vitals.drops(), 3);
    }

    #[test]
    fn hardware_has_a_link_and_perhaps_a_speed() {
        let shown = "              Name                Idx   Link  Hardware\n\
            external                           1     up   external\n  Link speed: 25 Gbps\n  Ethernet address b4:96:91:00:00:10\n\
            local0                             0    down  local0\n  Link speed: unknown\n";
        let link = |name: &str, carrier, speed| HardwareLink {
            name: name.to_owned(),
            carrier,
            speed,
        };
        assert_eq!(
            links(shown),
            [link("external", true, Some(25_000)), link("local0", false, None)]
        );
    }
}
