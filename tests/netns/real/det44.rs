//! What `impctl nat who` says of det44 is what det44 says itself.

use super::machine::{Vpp, namespace, prefix};
use super::{golden, sandbox};
use crate::pure::nat::{det44, mappings};
use std::net::Ipv4Addr;

/// Pools of every kind: many subscribers of an address, one, and more than the ports can be divided among.
const POOLS: [(&str, &str); 6] = [
    ("100.64.0.0/22", "203.0.113.0/28"),
    ("10.234.116.0/24", "203.0.113.32/30"),
    ("10.0.0.0/29", "203.0.113.40/29"),
    ("10.32.0.0/22", "203.0.113.64/32"),
    ("10.33.0.0/21", "203.0.113.65/32"),
    ("10.128.0.0/20", "203.0.113.200/31"),
];
/// Every so manyth subscriber is asked for, and the last one of each pool.
const APART: usize = 7;

#[test]
fn det44_names_the_ports_that_nat_who_names() {
    let Some(prefix) = prefix("det44_names_the_ports_that_nat_who_names") else {
        return;
    };
    sandbox::run_as_root("real::det44::det44_names_the_ports_that_nat_who_names", |root| {
        namespace();
        let golden = golden();
        let has_det44 = golden
            .iter()
            .find(|it| it.startup.contains("det44_plugin.so"))
            .unwrap();
        let mut vpp = Vpp::start(&prefix, root, &has_det44.instance, &has_det44.startup, &[], &[]).unwrap();
        vpp.show("det44 plugin enable");
        let model = det44(&POOLS);
        for mapping in mappings(&model) {
            vpp.show(&format!(
                "det44 add in {} out {}",
                mapping.inside, mapping.outside
            ));
        }
        for mapping in mappings(&model) {
            let last = mapping.inside.hosts().last();
            for inside in mapping.inside.hosts().step_by(APART).chain(last) {
                let share = mapping.share_of(inside).unwrap();
                let said = vpp.show(&format!("det44 forward {inside}"));
                let expected = format!("{}:<{}-{}>", share.outside, share.first_port, share.last_port);
                assert_eq!(said.trim(), expected, "{inside} in {}", mapping.inside);
                for port in [share.first_port, share.last_port] {
                    let said = vpp.show(&format!("det44 reverse {}:{port}", share.outside));
                    assert_eq!(said.trim().parse(), Ok(inside), "{}:{port}", share.outside);
                    let found = mapping.share_at(share.outside, port).map(|it| it.inside);
                    assert_eq!(found, Some(inside), "{}:{port}", share.outside);
                }
            }
        }
        // VPP computes a subscriber for the ports that remain as well, and never gives them to him.
        let said = vpp.show("det44 reverse 203.0.113.65:65534");
        let computed: Ipv4Addr = said.trim().parse().unwrap();
        let mapping = &mappings(&model)[4];
        assert!(!mapping.inside.contains(&computed), "{computed}");
        assert_eq!(mapping.share_at(Ipv4Addr::new(203, 0, 113, 65), 65534), None);
    });
}
