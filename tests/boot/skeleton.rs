//! A machine that has nothing but our package.

use super::router::Router;

#[test]
fn a_machine_without_any_configuration_boots() {
    let Some(router) = Router::new("a_machine_without_any_configuration_boots") else {
        return;
    };
    let machine = router.boot();
    let journal = machine.journal("");
    assert!(!journal.contains("ordering cycle"), "{journal}");
    assert_eq!(machine.state("imp.target"), "active");
    assert_eq!(
        machine.state("frr.service"),
        "inactive",
        "nothing says what to route"
    );
    machine.power_off();
}
