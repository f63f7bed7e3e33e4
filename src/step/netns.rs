//! The namespace of the dataplane.

use super::unreadable;
use crate::act::apply;
use crate::exit::Failure;
use crate::facts;
use crate::plan;
use crate::types::{NetnsName, Root};

/// The namespace exists, is pinned where everybody sees it, and is as VPP and FRR need it. 0.6 ms when there is none.
pub fn up(root: &Root, name: &NetnsName) -> Result<(), Failure> {
    let keys = plan::netns::SYSCTLS.map(|(key, _)| key);
    let facts = facts::netns::read(root, name, &keys).map_err(unreadable)?;
    apply(root, &plan::netns::up(name, &facts)).result()
}

/// The name of the namespace that is up is gone, and no NIC with it: any that `imp-nic` left inside are brought to the
/// host first.
pub fn down(root: &Root) -> Result<(), Failure> {
    let Some(name) = &facts::netns::in_use(root) else {
        return Ok(());
    };
    let nics = facts::nic::read(root, name).map_err(unreadable)?;
    // A NIC that cannot be brought back keeps its namespace: removing it would lose the NIC to another one.
    apply(root, &plan::nic::give_back(name, &nics)).result()?;
    let nics = facts::nic::read(root, name).map_err(unreadable)?;
    apply(root, &plan::nic::forget(&nics)).result()?;
    let facts = facts::netns::read(root, name, &[]).map_err(unreadable)?;
    apply(root, &plan::netns::down(name, &facts)).result()
}
