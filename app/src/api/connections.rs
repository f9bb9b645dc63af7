//! Server functions about upstreams.

use model::{
    ConnectionId,
    connection::{CheckReport, Connection, ConnectionDraft, Inventory},
    view::ConnectionDetail,
};

calls! {
    ConnectionsCall "connections/list" fn connections() -> Vec<Connection>;
    ConnectionCall "connections/get" fn connection(id: ConnectionId) -> ConnectionDetail;
    /// `id`: the stored connection whose credential is used where the draft has none.
    TestConnectionCall "connections/test" fn test_connection(id: Option<ConnectionId>, draft: ConnectionDraft) -> CheckReport;
    AddConnectionCall "connections/add" fn add_connection(draft: ConnectionDraft) -> ConnectionId;
    ChangeConnectionCall "connections/change" fn change_connection(id: ConnectionId, version: i64, draft: ConnectionDraft) -> ();
    RemoveConnectionCall "connections/remove" fn remove_connection(id: ConnectionId) -> ();
    /// Ask a silent connection now instead of at its next try.
    RetryConnectionCall "connections/retry" fn retry_connection(id: ConnectionId) -> ();
    /// The live lists that the wizard offers.
    InventoryCall "connections/inventory" fn inventory(id: ConnectionId) -> Inventory;
}
