//! What changing every sub-interface of a running VPP costs us, VPP's own time left out.

use super::{program, used};
use crate::tree::vpp::stand_in::{CORE, StandIn, has_python};
use std::fmt::Write as _;

/// Sub-interfaces of one parent, each with a pair, an MTU and an address of each family that ends in `last`.
fn commands(count: usize, last: u8) -> String {
    let mut text = "lcp create external host-if external\nset interface mtu packet 9000 external\n\
        set interface state external up\n"
        .to_owned();
    for vlan in 1..=count {
        let name = format!("external.{vlan}");
        let (high, low) = (vlan / 256, vlan % 256);
        let _ = writeln!(
            text,
            "create sub-interfaces external {vlan}\nlcp create {name} host-if {name}\n\
             set interface mtu packet 1500 {name}\nset interface state {name} up\n\
             set interface ip address {name} 10.{high}.{low}.{last}/24\n\
             set interface ip address {name} 2001:db8:{high:x}:{low:x}::{last}/64"
        );
    }
    text
}

/// A row for each number of sub-interfaces: the CPU of `imp-vpp` alone.
pub fn changes() {
    if !has_python() {
        return;
    }
    println!("\nimp-vpp on sub-interfaces with two addresses each, CPU in ms");
    println!(
        "  {:>6} {:>9} {:>13} {:>12} {:>8}",
        "VLANs", "at boot", "no change", "two addresses", "all"
    );
    for count in [500, 1_000, 2_000] {
        let vpp = StandIn::start("core", CORE, &[]);
        let root = vpp.root.path().to_str().unwrap();
        let imp_vpp = |verb: &[&str]| {
            let words = [&["--root", root], verb, &["core"]].concat();
            let mut command = vec![program("imp-vpp")];
            command.extend(words.into_iter().map(str::to_owned));
            used(&command)
        };
        let (before, after) = (commands(count, 1), commands(count, 2));
        let one = before.replacen("external.7 10.0.7.1/24", "external.7 10.0.7.2/24", 1);
        vpp.want("1", &before);
        let boot = imp_vpp(&[]);
        let rest = [("2", &before), ("3", &one), ("4", &after)].map(|(digest, commands)| {
            vpp.want(digest, commands);
            imp_vpp(&["--reload"])
        });
        println!(
            "  {count:>6} {boot:>9.1} {:>13.1} {:>12.1} {:>8.1}",
            rest[0], rest[1], rest[2]
        );
    }
}
