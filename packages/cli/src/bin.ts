process.stdout.write('tierlab\n');
