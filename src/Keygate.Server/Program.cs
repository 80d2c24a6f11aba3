return await Keygate.Server.KeygateCommand.RunAsync(args);
