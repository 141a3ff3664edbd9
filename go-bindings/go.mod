module github.com/tenon-wasm/tenon-go

go 1.26
