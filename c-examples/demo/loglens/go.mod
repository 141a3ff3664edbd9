module tenon/demo/loglens

go 1.24
