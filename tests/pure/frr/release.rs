//! What one release of FRR alone does.
#![allow(clippy::unwrap_used)]

use imp::config::{File, code, parse};
use imp::render::frr::release::refusals;
use imp::types::FrrRelease;
use std::collections::BTreeMap;

/// Whether each release refuses a document with a VRF whose neighbour has the map `IN`.
fn said(maps: &str) -> [Vec<code::Code>; 2] {
    let document = format!(
        "config-version = 1\n[system]\nhostname = \"r1\"\n[vpp.core]\nmain-core = 1\n\
         [loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n[vrfs.CUST]\ntable = 10\n\
         [interfaces.a]\nmatch = {{ pci = \"0000:65:00.0\" }}\naddresses = [\"198.51.100.1/24\"]\n\
         [interfaces.b]\nmatch = {{ pci = \"0000:65:00.1\" }}\naddresses = [\"203.0.113.1/30\"]\nvrf = \"CUST\"\n\
         [rpki]\ncaches.\"198.51.100.10\" = {{ port = 3323, preference = 1 }}\n\
         [bgp]\nasn = 64500\n[bgp.neighbors.\"198.51.100.2\"]\nremote-as = 64500\nroute-map = {{ in = \"ASKS\" }}\n\
         [vrfs.CUST.bgp.neighbors.\"203.0.113.2\"]\nremote-as = 64500\nroute-map = {{ in = \"IN\" }}\n\
         [[route-maps.ASKS]]\naction = \"deny\"\nmatch = {{ rpki = \"invalid\" }}\n\
         [[route-maps.ASKS]]\naction = \"permit\"\n{maps}"
    );
    let file = File {
        bytes: document.into_bytes(),
        mode: 0o640,
    };
    let model = parse(&BTreeMap::from([("imp.toml".to_owned(), file)]))
        .model
        .unwrap();
    [FrrRelease::V8, FrrRelease::V10]
        .map(|release| refusals(&model, release).iter().map(|it| it.code).collect())
}

#[test]
fn caches_are_asked_about_the_main_table_alone() {
    let permit = "[[route-maps.IN]]\naction = \"permit\"\n";
    let calls = "[[route-maps.IN]]\naction = \"permit\"\ncall = \"ASKS\"\n";
    assert_eq!(said(permit), [vec![], vec![]]);
    assert_eq!(said(calls), [vec![], vec![code::E0719]]);
}
