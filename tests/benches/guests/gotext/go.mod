module gotext

go 1.24
