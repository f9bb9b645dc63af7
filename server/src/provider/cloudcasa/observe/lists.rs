//! The collections beside jobs and points: clusters, object stores, definitions, restores. Each is told in full once, then by what
//! is new.

use super::{
    News, Observer, seen,
    wire::{Cluster, Restore, Store, read},
};
use crate::provider::{Observed, ProviderError, Sort, cloudcasa::translate::normal::Part};
use serde_json::Value;

impl Observer<'_> {
    pub(super) async fn list_places(&mut self) -> Result<(), ProviderError> {
        let clusters: Vec<Cluster> = read(self.clusters.all(&self.cc.client).await?);
        self.memory.clusters = clusters.into_iter().map(|cluster| (cluster.id.clone(), cluster)).collect();
        self.sink.lists_begin(&[Sort::Location]).await?;
        let stores: Vec<Store> = read(self.stores.all(&self.cc.client).await?);
        self.memory.stores = stores.into_iter().map(|store| (store.id.clone(), store)).collect();
        self.tell_locations().await?;
        self.sink.tell(Observed::ListEnds(Sort::Location)).await
    }

    pub(super) async fn stores_news(&mut self) -> Result<(), ProviderError> {
        match self.stores.news(&self.cc.client).await? {
            News::Changed(items) if items.is_empty() => Ok(()),
            News::Changed(items) => {
                let stores: Vec<Store> = read(items);
                self.memory.stores.extend(stores.into_iter().map(|store| (store.id.clone(), store)));
                self.sink.tell(Observed::ListBegins(Sort::Location)).await?;
                self.tell_locations().await?;
                self.sink.tell(Observed::ListEnds(Sort::Location)).await
            }
            News::Lost => self.list_places().await,
        }
    }

    pub(super) async fn tell_locations(&self) -> Result<(), ProviderError> {
        for store in self.memory.stores.values() {
            self.sink.tell(Observed::Location(Box::new(seen::location(store)))).await?;
        }
        Ok(())
    }

    pub(super) async fn clusters_news(&mut self) -> Result<(), ProviderError> {
        let items = match self.clusters.news(&self.cc.client).await? {
            News::Changed(items) => items,
            News::Lost => {
                let all = self.clusters.all(&self.cc.client).await?;
                self.memory.clusters.clear();
                all
            }
        };
        let clusters: Vec<Cluster> = read(items);
        self.memory.clusters.extend(clusters.into_iter().map(|cluster| (cluster.id.clone(), cluster)));
        Ok(())
    }

    pub(super) async fn list_definitions(&mut self) -> Result<(), ProviderError> {
        self.sink.lists_begin(&[Sort::Declared]).await?;
        for part in Part::ALL {
            let items = match self.parts.get_mut(&part) {
                Some(feed) => feed.all(&self.cc.client).await?,
                None => Vec::new(),
            };
            self.memory.replace(part, items);
        }
        self.declared = self.memory.declared();
        for seen in self.declared.values() {
            self.sink.tell(Observed::Declared(Box::new(seen.clone()))).await?;
        }
        self.sink.tell(Observed::ListEnds(Sort::Declared)).await
    }

    /// News of one sort of document; where there are any, of the others too, so that a definition is told as one. `None`: of all.
    pub(super) async fn definitions_news(&mut self, only: Option<Part>) -> Result<(), ProviderError> {
        let mut parts: Vec<Part> = only.map_or_else(|| Part::ALL.to_vec(), |part| vec![part]);
        let mut done = Vec::new();
        let mut any = false;
        while let Some(part) = parts.pop() {
            done.push(part);
            let Some(feed) = self.parts.get_mut(&part) else { continue };
            match feed.news(&self.cc.client).await? {
                News::Lost => return self.list_definitions().await,
                News::Changed(items) if items.is_empty() => {}
                News::Changed(items) => {
                    self.memory.add(part, items);
                    any = true;
                    let others = Part::ALL.into_iter().filter(|other| !done.contains(other) && !parts.contains(other));
                    let others: Vec<Part> = others.collect();
                    parts.extend(others);
                }
            }
        }
        if !any {
            return Ok(());
        }
        let now = self.memory.declared();
        let before = std::mem::replace(&mut self.declared, now);
        for (name, seen) in &self.declared {
            if before.get(name) != Some(seen) {
                self.sink.tell(Observed::Declared(Box::new(seen.clone()))).await?;
            }
        }
        for name in before.keys().filter(|name| !self.declared.contains_key(*name)) {
            self.sink.tell(Observed::Gone(Sort::Declared, name.clone())).await?;
        }
        Ok(())
    }

    pub(super) async fn restores_news(&mut self) -> Result<(), ProviderError> {
        match self.restores.news(&self.cc.client).await? {
            News::Changed(items) => self.take_restores(items).await,
            News::Lost => self.list_restores().await,
        }
    }

    pub(super) async fn list_restores(&mut self) -> Result<(), ProviderError> {
        self.sink.lists_begin(&[Sort::Restore]).await?;
        let items = self.restores.all(&self.cc.client).await?;
        self.known_restores.clear();
        self.take_restores(items).await?;
        self.sink.tell(Observed::ListEnds(Sort::Restore)).await
    }

    pub(super) async fn take_restores(&mut self, items: Vec<Value>) -> Result<(), ProviderError> {
        let restores: Vec<Restore> = read(items);
        for restore in restores {
            self.tell_restore(&restore).await?;
            self.known_restores.insert(restore.id.clone(), restore);
        }
        Ok(())
    }
}
