//! The networks of a machine without any usable configuration: DHCP on every NIC that the dataplane does not claim.

use super::Rendered;
use crate::config::NicMatch;

/// Before every other file of ours, so that a claimed NIC is never configured (systemd.network(5): the first that
/// matches is the only one).
const CLAIMED: &str = "run/systemd/network/05-imp-claimed";
const DHCP: &str = "run/systemd/network/90-imp-dhcp.network";

/// systemd-networkd's files: one per claim, which leaves those NICs alone, and one that uses DHCP everywhere else.
pub fn networks(claims: &[NicMatch]) -> Vec<Rendered> {
    let mut sections: Vec<String> = claims.iter().flat_map(match_sections).collect();
    sections.sort();
    sections.dedup();
    let claimed = sections.iter().enumerate().map(|(number, section)| {
        rendered(
            format!("{CLAIMED}-{number}.network"),
            format!("# Claimed by the dataplane, although its configuration is refused.\n[Match]\n{section}\n[Link]\nUnmanaged=yes\n"),
        )
    });
    claimed.chain([rendered(DHCP.to_owned(), dhcp())]).collect()
}

/// The NICs of a claim. Either of `pci` and `mac` is enough, as for the dataplane; `driver` and `name` must both match.
fn match_sections(claim: &NicMatch) -> Vec<String> {
    let pci = claim.pci.map(|pci| format!("Path=pci-{pci} *-pci-{pci}\n"));
    let macs = claim.mac.map(|mac| {
        [
            format!("MACAddress={mac}\n"),
            format!("PermanentMACAddress={mac}\n"),
        ]
    });
    let strong: Vec<String> = pci.into_iter().chain(macs.into_iter().flatten()).collect();
    if !strong.is_empty() {
        return strong;
    }
    let driver = claim.driver.iter().map(|driver| format!("Driver={driver}\n"));
    let name = claim
        .name
        .iter()
        .map(|name| format!("Name={}\n", literal(name.as_ref())));
    let weak: String = driver.chain(name).collect();
    vec![weak]
}

/// A pattern that matches the name literally; characters with a meaning in the list become `?`.
fn literal(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            '*' | '?' | '[' => text.extend(['[', c, ']']),
            '!' | '"' | '\'' | '\\' => text.push('?'),
            c => text.push(c),
        }
    }
    text
}

fn dhcp() -> String {
    "# No usable configuration: management by DHCP, so that the configuration can be corrected over the network.\n\
     [Match]\n\
     Type=ether\n\
     Kind=!bridge bond vlan macvlan ipvlan vxlan dummy tun\n\
     \n\
     [Link]\n\
     RequiredForOnline=no\n\
     \n\
     [Network]\n\
     DHCP=yes\n"
        .to_owned()
}

fn rendered(path: String, text: String) -> Rendered {
    Rendered {
        path,
        mode: 0o644,
        text,
    }
}
