//! What the kernel needs before VPP starts: modules and hugepages.

use super::{Action, Notice, Plan};
use crate::config::code;
use crate::facts::memory::Hugepages;
use crate::facts::module::ModuleState;
use std::collections::BTreeMap;

/// What a plan needs to know about the host.
#[derive(Debug, Clone, Default)]
pub struct HostFacts {
    /// The state of each wanted module.
    pub modules: BTreeMap<String, ModuleState>,
    /// The pool of 2 MB pages; `None` on a kernel without hugepages.
    pub hugepages: Option<Hugepages>,
}

/// Loads missing modules and reserves hugepages up to the wanted number, never fewer than before. Anything unavailable is a
/// notice, not a failure: the rest of the router still works.
pub fn up(modules: &[&str], hugepages: u64, facts: &HostFacts) -> (Plan, Vec<Notice>) {
    let mut plan = Plan::default();
    let mut notices = Vec::new();
    for name in modules {
        match facts.modules.get(*name) {
            Some(ModuleState::Loaded) => {}
            Some(ModuleState::Installed) => {
                let name = (*name).to_owned();
                plan.add(format!("module '{name}'"), vec![Action::LoadModule { name }]);
            }
            Some(ModuleState::Missing) | None => notices.push(Notice::new(
                code::E0510,
                format!(
                    "module '{name}' is missing for the running kernel: {}",
                    without(name)
                ),
            )),
        }
    }
    let short = |text: &str| {
        Notice::new(
            code::E0511,
            format!("{hugepages} hugepages are needed, but {text}"),
        )
    };
    match facts.hugepages {
        _ if hugepages == 0 => {}
        Some(pool) if pool.reserved >= hugepages => {}
        Some(pool) if !pool.writable => notices.push(short(&format!(
            "this machine has {} and does not allow reserving more: VPP uses 4 KB pages",
            pool.reserved
        ))),
        Some(_) => plan.add("hugepages", vec![Action::ReserveHugepages { count: hugepages }]),
        None => notices.push(short("this kernel does not support them: VPP uses 4 KB pages")),
    }
    (plan, notices)
}

/// What does not work without a module.
fn without(module: &str) -> &'static str {
    match module {
        "vhost_net" | "tun" => "VPP cannot create Linux interfaces (linux-cp)",
        "vrf" => "no VRF can be made, and what is in one is not configured",
        "8021q" => "VPP cannot create Linux VLANs (linux-cp)",
        _ => "DPDK cannot use any NIC",
    }
}
