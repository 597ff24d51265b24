package storetest

import (
	"fmt"
	"testing"

	"summitbot/knowledge"
)

// Benchmark measures what a driver is used for most: taking documents in, and
// reading all of them when an index is built. open returns a new, empty store;
// Benchmark closes it.
func Benchmark(b *testing.B, open func(b *testing.B) knowledge.Store) {
	run := func(name string, bench func(b *testing.B, store knowledge.Store)) {
		b.Run(name, func(b *testing.B) {
			store := open(b)
			b.Cleanup(func() {
				if err := store.Close(); err != nil {
					b.Errorf("close: %v", err)
				}
			})
			bench(b, store)
		})
	}
	run("PutSmall", func(b *testing.B, store knowledge.Store) { benchmarkPut(b, store, 20) })
	run("PutLarge", func(b *testing.B, store knowledge.Store) { benchmarkPut(b, store, 50_000) })
	run("PutUnchanged", benchmarkPutUnchanged)
	run("ReadAll", benchmarkReadAll)
	run("ReadPassage", benchmarkReadPassage)
	run("Document", benchmarkDocument)
	run("Changes", benchmarkChanges)
}

// fill stores count documents of n paragraphs each.
func fill(b *testing.B, store knowledge.Store, count, n int) {
	b.Helper()
	for i := range count {
		id := fmt.Sprintf("d%06d", i)
		paragraphs := long(id, n)
		if _, _, err := store.Put(b.Context(), document(id, paragraphs), paragraphs); err != nil {
			b.Fatal(err)
		}
	}
}

// report adds how many paragraphs a second are n an iteration.
func report(b *testing.B, n int) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "paragraphs/s")
}

// benchmarkPut stores new documents of n paragraphs.
func benchmarkPut(b *testing.B, store knowledge.Store, n int) {
	paragraphs := long("one", n)
	i := 0
	for b.Loop() {
		i++
		doc := document(fmt.Sprintf("d%d", i), paragraphs[:1]) // the digest is not part of storing
		if _, _, err := store.Put(b.Context(), doc, paragraphs); err != nil {
			b.Fatal(err)
		}
	}
	report(b, n)
}

// benchmarkPutUnchanged stores what is stored, as an ingest of everything does.
func benchmarkPutUnchanged(b *testing.B, store knowledge.Store) {
	paragraphs := long("one", 20)
	doc := document("a", paragraphs)
	for b.Loop() {
		if _, _, err := store.Put(b.Context(), doc, paragraphs); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkReadAll reads every paragraph of every document.
func benchmarkReadAll(b *testing.B, store knowledge.Store) {
	const count, n = 500, 40
	fill(b, store, count, n)
	b.ReportAllocs()
	for b.Loop() {
		documents, err := store.Documents(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range documents {
			if _, err := store.Paragraphs(b.Context(), d.ID, d.Revision.Digest, 1, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	report(b, count*n)
}

// benchmarkReadPassage reads one paragraph with its neighbours.
func benchmarkReadPassage(b *testing.B, store knowledge.Store) {
	fill(b, store, 20, 1000)
	i := 0
	for b.Loop() {
		i++
		number := i * 7919 % 990
		if _, err := store.Paragraphs(b.Context(), fmt.Sprintf("d%06d", i%20), "", number, number+2); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkDocument reads the metadata of one document.
func benchmarkDocument(b *testing.B, store knowledge.Store) {
	fill(b, store, 500, 2)
	i := 0
	for b.Loop() {
		i++
		if _, err := store.Document(b.Context(), fmt.Sprintf("d%06d", i*7%500)); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkChanges asks for changes where there are none, as a follower does.
func benchmarkChanges(b *testing.B, store knowledge.Store) {
	fill(b, store, 500, 2)
	for b.Loop() {
		if _, err := store.Changes(b.Context(), 500, 100); err != nil {
			b.Fatal(err)
		}
	}
}
