//! Finds the NIC of each interface.

use super::{Wanted, WantedNic};
use crate::config::{NicMatch, code};
use crate::facts::nic::{HeldDevice, Nic, NicFacts, Taken};
use crate::plan::Notice;
use crate::types::{DriverName, IfName, KernelName, MacAddr, PciAddress};
use std::collections::BTreeMap;
use std::fmt;

/// How many candidates a message lists; the rest are counted.
const LISTED: usize = 16;

/// A NIC, where it is, and what an earlier run recorded about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device<'a> {
    /// In the host namespace.
    Host(&'a Nic),
    /// In the dataplane's.
    Namespace(&'a Nic, Option<&'a Taken>),
    /// Held by DPDK, or without a driver.
    Held(&'a HeldDevice, Option<&'a Taken>),
}

impl Device<'_> {
    /// Whether it is this kernel device.
    pub(super) fn is(&self, other: &Nic) -> bool {
        matches!(self, Self::Host(nic) | Self::Namespace(nic, _) if **nic == *other)
    }
}

/// The result of the search for one interface's NIC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding<'a> {
    /// It was found.
    Found {
        /// The NIC.
        device: Device<'a>,
        /// What to correct in the configuration.
        notice: Option<Notice>,
    },
    /// Not found yet: it may still appear.
    Missing(Notice),
    /// Not usable, and waiting does not help.
    Refused(Notice),
}

impl Finding<'_> {
    /// What the operator should know about it.
    pub fn notice(&self) -> Option<&Notice> {
        match self {
            Self::Found { notice, .. } => notice.as_ref(),
            Self::Missing(notice) | Self::Refused(notice) => Some(notice),
        }
    }
}

/// Finds the NIC of every interface. Never the same NIC for two of them, and never the management NIC.
pub fn find<'a>(wanted: &Wanted<'_>, facts: &'a NicFacts) -> BTreeMap<IfName, Finding<'a>> {
    let mut seen = see(facts);
    let managed: Vec<Device<'_>> = wanted
        .management
        .map(|management| chosen(management, &seen).1)
        .into_iter()
        .flatten()
        .map(|seen| seen.device)
        .collect();
    for seen in &mut seen {
        seen.management = managed.contains(&seen.device);
    }
    let mut findings: BTreeMap<IfName, Finding<'a>> = wanted
        .interfaces
        .iter()
        .map(|nic| (nic.name.clone(), find_one(nic, &seen)))
        .collect();
    refuse_doubles(wanted, &mut findings);
    list_candidates(&seen, &mut findings);
    findings
}

/// The record of a device in the namespace. The MAC address must match as well, because names are reused.
pub fn taken_of<'a>(nic: &Nic, facts: &'a NicFacts) -> Option<&'a Taken> {
    facts
        .taken
        .iter()
        .find(|taken| taken.device == nic.name && taken.mac == nic.mac)
}

/// The record of a device that has been moved back to the host.
pub fn was_taken<'a>(nic: &Nic, facts: &'a NicFacts) -> Option<&'a Taken> {
    facts
        .taken
        .iter()
        .find(|taken| taken.name == nic.name && taken.mac == nic.mac)
}

/// A device with every property a match can ask for; what the kernel no longer shows comes from the record.
struct Seen<'a> {
    device: Device<'a>,
    pci: Option<PciAddress>,
    mac: Option<MacAddr>,
    driver: Option<&'a DriverName>,
    name: Option<&'a KernelName>,
    alternative: Vec<&'a KernelName>,
    hardware: bool,
    management: bool,
}

fn see(facts: &NicFacts) -> Vec<Seen<'_>> {
    let host = facts.host.iter().map(|nic| see_nic(Device::Host(nic), nic, None));
    let namespace = facts.namespace.iter().map(|nic| {
        let taken = taken_of(nic, facts);
        see_nic(Device::Namespace(nic, taken), nic, taken)
    });
    let held = facts.held.iter().map(|held| {
        let taken = facts.taken.iter().find(|taken| taken.pci == Some(held.pci));
        Seen {
            device: Device::Held(held, taken),
            pci: Some(held.pci),
            mac: taken.and_then(|taken| taken.mac),
            driver: taken.and_then(|taken| taken.driver.as_ref()),
            name: taken.map(|taken| &taken.name),
            alternative: taken.iter().flat_map(|taken| &taken.alternative).collect(),
            hardware: true,
            management: false,
        }
    });
    host.chain(namespace).chain(held).collect()
}

fn see_nic<'a>(device: Device<'a>, nic: &'a Nic, taken: Option<&'a Taken>) -> Seen<'a> {
    let had = taken.iter().flat_map(|taken| &taken.alternative);
    Seen {
        device,
        pci: nic.pci.or(taken.and_then(|taken| taken.pci)),
        mac: nic.mac,
        driver: nic.driver.as_ref(),
        name: Some(taken.map_or(&nic.name, |taken| &taken.name)),
        alternative: nic.alternative.iter().chain(had).collect(),
        hardware: nic.hardware,
        management: false,
    }
}

/// How well a device fits a match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Everything matches.
    Whole,
    /// Only one of pci and mac matches.
    Half,
    Not,
}

fn fit(matches: &NicMatch, seen: &Seen<'_>) -> Fit {
    let rest = matches
        .driver
        .as_ref()
        .is_none_or(|driver| seen.driver == Some(driver))
        && matches
            .name
            .as_ref()
            .is_none_or(|name| seen.name == Some(name) || seen.alternative.contains(&name));
    let pci = matches.pci.map(|pci| seen.pci == Some(pci));
    let mac = matches.mac.map(|mac| seen.mac == Some(mac));
    match (rest, pci, mac) {
        (false, ..) => Fit::Not,
        (true, Some(true), Some(false)) | (true, Some(false), Some(true)) => Fit::Half,
        (true, pci, mac) if pci.unwrap_or(true) && mac.unwrap_or(true) => Fit::Whole,
        _ => Fit::Not,
    }
}

/// The device of the host that a match names: the one that fits best, as for an interface. One of pci and mac is enough.
pub fn named<'a>(matches: &NicMatch, host: &'a [Nic]) -> Option<&'a Nic> {
    let seen: Vec<Seen<'_>> = host
        .iter()
        .map(|nic| see_nic(Device::Host(nic), nic, None))
        .collect();
    let (_, fitting) = chosen(matches, &seen);
    let name = fitting.first()?.name?;
    host.iter().find(|nic| nic.name == *name)
}

/// What fits a match best: wholly, else by half (whether it is that comes first); hardware, else anything.
fn chosen<'s, 'a>(matches: &NicMatch, seen: &'s [Seen<'a>]) -> (bool, Vec<&'s Seen<'a>>) {
    let fitting = |wished: Fit| -> Vec<&'s Seen<'a>> {
        let all: Vec<_> = seen.iter().filter(|seen| fit(matches, seen) == wished).collect();
        // A VLAN or bond device has the same MAC address as the NIC below it.
        match all.iter().filter(|seen| seen.hardware).count() {
            0 => all,
            _ => all.into_iter().filter(|seen| seen.hardware).collect(),
        }
    };
    let whole = fitting(Fit::Whole);
    match whole.is_empty() {
        true => (true, fitting(Fit::Half)),
        false => (false, whole),
    }
}

fn find_one<'a>(wanted: &WantedNic<'_>, seen: &[Seen<'a>]) -> Finding<'a> {
    let (half, mut fits) = chosen(wanted.matches, seen);
    // Of two ports of one function, the one that management has is not the one that is meant.
    if fits.iter().any(|seen| !seen.management) {
        fits.retain(|seen| !seen.management);
    }
    let finding = |code, text: String| Notice::new(code, format!("{wanted}: {text}"));
    let found = match fits.as_slice() {
        [] => {
            let text = format!("no NIC has {}", wanted.matches);
            return Finding::Missing(finding(code::E0501, text));
        }
        [found] => found,
        several => {
            let text = format!("{} matches {}", wanted.matches, list(several.iter().copied()));
            return Finding::Refused(finding(code::E0502, text));
        }
    };
    if found.management {
        let text = format!(
            "{} is the NIC of [management] and stays in the host",
            found.device
        );
        return Finding::Refused(finding(code::E0504, text));
    }
    Finding::Found {
        device: found.device,
        notice: half.then(|| finding(code::E0505, correction(found))),
    }
}

/// The line the operator should write for the NIC that was found.
fn correction(found: &Seen<'_>) -> String {
    let keys: Vec<String> = [
        found.pci.map(|pci| format!("pci = \"{pci}\"")),
        found.mac.map(|mac| format!("mac = \"{mac}\"")),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "only one of pci and mac matches {}; write: match = {{ {} }}",
        found.device,
        keys.join(", ")
    )
}

/// Adds the free NICs of this machine to the message of every interface without one.
fn list_candidates(seen: &[Seen<'_>], findings: &mut BTreeMap<IfName, Finding<'_>>) {
    let is_found = |seen: &Seen<'_>| {
        let mut found = findings.values();
        found.any(|finding| matches!(finding, Finding::Found { device, .. } if *device == seen.device))
    };
    let free: Vec<_> = seen
        .iter()
        .filter(|seen| !seen.management && !is_found(seen))
        .collect();
    let hardware: Vec<_> = free.iter().copied().filter(|seen| seen.hardware).collect();
    let candidates = match (hardware.is_empty(), free.is_empty()) {
        (false, _) => list(hardware.into_iter()),
        (true, false) => list(free.into_iter()),
        (true, true) => "none".to_owned(),
    };
    for finding in findings.values_mut() {
        if let Finding::Missing(notice) = finding {
            notice.text.push_str("; free on this machine: ");
            notice.text.push_str(&candidates);
        }
    }
}

fn list<'a, 'b: 'a>(seen: impl ExactSizeIterator<Item = &'a Seen<'b>>) -> String {
    let more = seen.len().saturating_sub(LISTED);
    let mut names: Vec<String> = seen.take(LISTED).map(|seen| seen.device.to_string()).collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn refuse_doubles(wanted: &Wanted<'_>, findings: &mut BTreeMap<IfName, Finding<'_>>) {
    let doubles: Vec<(IfName, Notice)> = wanted
        .interfaces
        .iter()
        .filter_map(|nic| {
            let Some(Finding::Found { device, .. }) = findings.get(nic.name) else { return None };
            let other = wanted.interfaces.iter().find(|other| {
                other.name != nic.name
                    && matches!(findings.get(other.name), Some(Finding::Found { device: same, .. }) if same == device)
            })?;
            let text = format!("{nic}: {device} is also the NIC of {other}");
            Some((nic.name.clone(), Notice::new(code::E0503, text)))
        })
        .collect();
    for (name, notice) in doubles {
        findings.insert(name, Finding::Refused(notice));
    }
}

impl fmt::Display for WantedNic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interface '{}' ({})", self.name, self.place)
    }
}

impl fmt::Display for Device<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(nic) => nic.fmt(f),
            Self::Namespace(nic, _) => write!(f, "{nic} in the namespace"),
            Self::Held(device, _) => device.fmt(f),
        }
    }
}
