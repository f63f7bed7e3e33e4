//! What the steps would do on the machine a configuration describes: every NIC there, nothing done yet.

use imp::config::Model;
use imp::facts::memory::Hugepages;
use imp::facts::module::ModuleState;
use imp::facts::netns::{NetnsFacts, Pin};
use imp::facts::nic::{Nic, NicFacts};
use imp::plan::host::{self, HostFacts};
use imp::plan::{Input as _, netns, nic};
use imp::render::{self, Bindings};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The plans of `imp-netns` and `imp-nic`, with what they would say.
pub fn plan(model: &Model, bindings: &Bindings) -> String {
    let namespace = &model.dataplane.namespace;
    let untouched = NetnsFacts {
        pin: Pin::Absent,
        linked: false,
        directory_shared: false,
        loopback_up: false,
        sysctls: BTreeMap::new(),
    };
    let configured = nic::Configured::of(model);
    let modules = render::modules(&configured.dataplane, bindings);
    let machine = HostFacts {
        modules: modules
            .iter()
            .map(|name| ((*name).to_owned(), ModuleState::Installed))
            .collect(),
        hugepages: Some(Hugepages {
            reserved: 0,
            writable: true,
        }),
    };
    let nics = nic::up(&nic::Wanted::of(&configured), &every_nic(model));
    let (host, mut notices) = host::up(
        &modules,
        render::hugepages(&configured.dataplane, bindings),
        &machine,
    );
    notices.extend(nics.notices);
    let mut text = format!("{}{host}{}", netns::up(namespace, &untouched), nics.plan);
    for notice in notices {
        let _ = writeln!(text, "notice: {notice}");
    }
    text
}

fn every_nic(model: &Model) -> NicFacts {
    let nics = model.nics().zip(2..);
    NicFacts {
        host: nics.map(|((_, _, nic), index)| matching(nic, index)).collect(),
        ..NicFacts::default()
    }
}

/// A NIC with everything its match asks for.
fn matching(wanted: &imp::config::Nic, index: u32) -> Nic {
    let matches = &wanted.matches;
    let name = matches.name.clone();
    Nic {
        name: name.unwrap_or_else(|| format!("eth{index}").parse().unwrap()),
        alternative: Vec::new(),
        index,
        mac: matches
            .mac
            .or_else(|| format!("02:00:00:00:00:{index:02x}").parse().ok()),
        pci: matches.pci,
        driver: matches.driver.clone(),
        hardware: true,
        up: false,
        promiscuous: false,
        table: None,
    }
}
