package tenon

// DefineModule instantiates a module and names its exports.
//
// A command, which is a module that exports `_start`, is not instantiated yet: its functions are named, and each call of
// one runs in an instance of its own. Any other module is instantiated here, and its `_initialize` is run if it has one.
func (l *Linker) DefineModule(store Storelike, name string, module *Module) error {
	command, initialize := false, false
	for _, export := range module.Exports() {
		isFunc := export.Type().FuncType() != nil
		command = command || isFunc && export.Name() == "_start"
		initialize = initialize || isFunc && export.Name() == "_initialize"
	}
	switch {
	case command && initialize:
		return newError("module `" + name + "` exports both `_start` and `_initialize`")
	case command:
		return l.defineCommand(name, module)
	}
	instance, err := l.Instantiate(store, module)
	if err != nil {
		return err
	}
	if initialize {
		if _, err := instance.GetFunc(store, "_initialize").Call(store); err != nil {
			return err
		}
	}
	return l.DefineInstance(store, name, instance)
}

func (l *Linker) defineCommand(name string, module *Module) error {
	for _, export := range module.Exports() {
		ty := export.Type().FuncType()
		if ty == nil {
			continue
		}
		entry := export.Name()
		err := l.FuncNew(name, entry, ty, func(caller *Caller, args []Val) ([]Val, *Trap) {
			return l.runCommand(caller, module, entry, args)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Linker) runCommand(caller *Caller, module *Module, entry string, params []Val) ([]Val, *Trap) {
	instance, err := l.Instantiate(caller, module)
	if err != nil {
		return nil, asTrap(err)
	}
	args := make([]any, len(params))
	for i, p := range params {
		args[i] = p
	}
	result, err := instance.GetFunc(caller, entry).Call(caller, args...)
	if err != nil {
		return nil, asTrap(err)
	}
	switch r := result.(type) {
	case nil:
		return nil, nil
	case []Val:
		return r, nil
	}
	ty := instance.GetFunc(caller, entry).signature()
	v, _ := valOf(result, ty.results[0])
	return []Val{v}, nil
}

func asTrap(err error) *Trap {
	if t, ok := err.(*Trap); ok {
		return t
	}
	return NewTrap(err.Error())
}
