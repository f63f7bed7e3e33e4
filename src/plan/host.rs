//! What the kernel must have before VPP starts: modules and hugepages; and the CPUs it should have.

use super::{Action, Notice, Plan};
use crate::config::{Attach, Model, code};
use crate::facts::module::ModuleState;
use crate::types::CpuList;
use std::collections::BTreeMap;

/// What of the host a plan looks at.
#[derive(Debug, Clone, Default)]
pub struct HostFacts {
    /// How each wanted module is there.
    pub modules: BTreeMap<String, ModuleState>,
    /// Hugepages reserved now; none on a kernel without.
    pub hugepages: Option<u64>,
    /// CPUs online; none where the machine does not tell.
    pub cpus: Option<CpuList>,
}

/// The modules this Model needs, with what goes wrong without each (facts/vpp.md, sections 7 and 9).
pub fn modules(model: &Model) -> Vec<(&'static str, &'static str)> {
    let mut modules = vec![
        ("vhost_net", "linux-cp makes no interfaces"),
        ("tun", "linux-cp makes no interfaces"),
    ];
    if model
        .interfaces
        .values()
        .any(|interface| !interface.vlans.is_empty())
    {
        modules.push(("8021q", "linux-cp makes no VLANs"));
    }
    let dpdk = model
        .interfaces
        .values()
        .any(|nic| nic.attach != Some(Attach::AfPacket));
    if dpdk {
        let drivers = model.instances.iter().filter(|(name, _)| name.as_ref() == "core");
        modules.extend(drivers.map(|(_, core)| (core.uio_driver.name(), "DPDK gets no NIC")));
    }
    modules
}

/// Missing modules are loaded and hugepages reserved up to the wanted number, never lowered. What cannot be had is said
/// and nothing is refused: the rest of the router can work.
pub fn up(modules: &[(&str, &str)], hugepages: u64, facts: &HostFacts) -> (Plan, Vec<Notice>) {
    let mut plan = Plan::default();
    let mut notices = Vec::new();
    for (name, without) in modules {
        match facts.modules.get(*name) {
            Some(ModuleState::Loaded) => {}
            Some(ModuleState::Installed) => {
                let name = (*name).to_owned();
                plan.add(format!("module '{name}'"), vec![Action::LoadModule { name }]);
            }
            Some(ModuleState::Missing) | None => notices.push(Notice::new(
                code::E0510,
                format!("module '{name}' is not there for the running kernel: {without}"),
            )),
        }
    }
    match facts.hugepages {
        _ if hugepages == 0 => {}
        Some(reserved) if reserved >= hugepages => {}
        Some(_) => plan.add("hugepages", vec![Action::ReserveHugepages { count: hugepages }]),
        None => notices.push(Notice::new(
            code::E0511,
            format!("{hugepages} hugepages are wanted and this kernel has none: VPP uses 4 KB pages"),
        )),
    }
    (plan, notices)
}

/// Cores that an instance names and this machine lacks.
pub fn missing_cores(model: &Model, online: Option<&CpuList>) -> Vec<Notice> {
    let Some(online) = online else { return Vec::new() };
    let mut notices = Vec::new();
    for (name, instance) in &model.instances {
        let workers = instance.corelist_workers.iter().flat_map(CpuList::iter);
        let missing: Vec<String> = instance
            .main_core
            .into_iter()
            .chain(workers)
            .filter(|core| !online.contains(*core))
            .map(|core| core.to_string())
            .collect();
        if !missing.is_empty() {
            let place = model.place(instance.at);
            let text = format!(
                "instance '{name}' ({place}): core {} is not on this machine, which has {online}",
                missing.join(", ")
            );
            notices.push(Notice::new(code::E0519, text));
        }
    }
    notices
}
